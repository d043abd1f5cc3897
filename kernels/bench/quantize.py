"""
Quantises COUNT normal float32 values with gguf-py's quantize, and runs a command. Prints, as JSON, processor seconds of each
format, and the most memory that the command had.

  python kernels/bench/quantize.py COUNT COMMAND...
"""

import json
import resource
import subprocess
import sys
import time

import numpy as np
from gguf import GGMLQuantizationType, quantize

values = np.random.default_rng(1).normal(0, 0.02, (int(sys.argv[1]) // 4096, 4096)).astype(np.float32)
seconds = {}
for name in ("Q8_0", "Q5_0", "Q4_0"):
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        quantize(values, GGMLQuantizationType[name])
        best = min(best, time.process_time() - began)
    seconds[name] = best
subprocess.run(sys.argv[2:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(json.dumps({"seconds": seconds, "peakBytes": 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}))
