"""Fresh sampler cases with Hugging Face's answers: `python sampler.py COUNT SEED`, one JSON object a line."""

import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "golden"))
from make_sampler import cases

for case in cases(random.Random(int(sys.argv[2])), int(sys.argv[1]), 20):
    print(json.dumps(case))
