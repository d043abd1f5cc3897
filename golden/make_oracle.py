"""
Sketch goldens of the oracle: every tap of the embedded model and of SmolLM2, 48 numbers a row; of the embedded model with its
noise, which for SmolLM2 takes fifteen runs more (`--noise usual`, 0.2 MB). They are what an engine's own repository would commit
(docs/oracle-ci.md).

They are made by `qwq oracle record`, and not by Hugging Face: test/hf/smollm2.test.ts and test/model.test.ts hold the
reference against Hugging Face, and the tests of these files hold other engines against them.
"""

import json
import pathlib
import shutil
import subprocess

from common import main

SMOLLM2 = ".cache/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def ids_of(here: pathlib.Path, name: str, count: int) -> list[int]:
    ids = json.loads((here / name).read_text(encoding="utf-8"))["ids"]
    return ids[:count]


def record(here: pathlib.Path, name: str, model: str, ids: list[int], noise: str) -> list[pathlib.Path]:
    out = here / "oracle" / name
    shutil.rmtree(out, ignore_errors=True)
    out.parent.mkdir(exist_ok=True)
    command = ["npx", "tsx", "src/cli/main.ts", "oracle", "record", "-m", model, "--ids", "-", "-o", str(out)]
    subprocess.run(
        [*command, "--tier", "sketch", "--noise", noise, "--quiet"],
        input=json.dumps(ids),
        text=True,
        check=True,
        cwd=here.parent,
    )
    return sorted(out.iterdir())


def make(here: pathlib.Path) -> list[pathlib.Path]:
    tiny = record(here, "tiny.oracle", "golden/model/tiny", ids_of(here, "model/tiny.json", 16), "all")
    smollm2 = record(here, "smollm2.oracle", SMOLLM2, ids_of(here, "smollm2/greedy.json", 16), "none")
    return [*tiny, *smollm2]


if __name__ == "__main__":
    main(make)
