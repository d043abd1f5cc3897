"""Reads JSON lines {"template", "input"} and answers each with the prompt, or {"error"}: for test/hf/template.test.ts.

With the argument `draw N SEED`, prints N drawn conversations instead.
"""

import json
import pathlib
import random
import sys

golden = pathlib.Path(__file__).resolve().parents[2] / "golden"
sys.path.insert(0, str(golden))

import make_template

if sys.argv[1:2] == ["draw"]:
    rng = random.Random(int(sys.argv[3]))
    for _ in range(int(sys.argv[2])):
        print(json.dumps(json.dumps(make_template.drawn(rng), ensure_ascii=False)))
else:
    renderer = make_template.Renderer(golden)
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps(renderer.prompt(job["template"], job["input"])))
