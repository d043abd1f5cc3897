"""
What lm-eval's IFEval says of some thousand replies: to all prompts of the benchmark, and to each type of instruction by
itself. Ours are compared with it (npm run test:graders). It runs in .cache/graders (npx tsx golden/install.ts graders).

A verdict is 1 or 0, or ? where lm-eval has no certain one: langdetect draws at random, and so does the type
letter_frequency where the letter is none of a to z.
"""

import gzip
import json
import pathlib
import random
import subprocess
import sys

SEED = 20
# how often langdetect is asked
TIMES = 5
LANGUAGE = {"language:response_language", "change_case:english_capital", "change_case:english_lowercase"}
# replies of each kind to each prompt
GOOD, CHANGED = 3, 3
# replies to each type by itself
ALONE = 40


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Writes graders/ifeval-verdicts.jsonl.gz, in the environment of the official graders."""
    path = here / "graders/ifeval-verdicts.jsonl.gz"
    subprocess.run([here.parent / ".cache/graders/bin/python", __file__, path], check=True)
    return [path]


def tasks(here: pathlib.Path) -> list[dict]:
    """The lines of the benchmark."""
    with open(here / "eval/ifeval.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def replies(here: pathlib.Path, lines: list[dict]):
    """Rows without verdicts: the task's number or the instruction itself, and the reply."""
    from graders_replies import Composer

    draw = random.Random(SEED)
    languages = json.loads((here / "graders/languages.json").read_text(encoding="utf-8"))
    composer = Composer(draw, languages)
    for number, line in enumerate(lines):
        asked = (line["prompt"], line["instruction_id_list"], line["kwargs"])
        good = [composer.good(*asked) for _ in range(GOOD)]
        changed = [composer.changed(draw.choice(good)) for _ in range(CHANGED)]
        yield from ({"task": number, "reply": reply} for reply in good + changed)
    examples: dict[str, list[dict]] = {}
    for line in lines:
        for name, args in zip(line["instruction_id_list"], line["kwargs"]):
            examples.setdefault(name, []).append(args)
    for name, known in sorted(examples.items()):
        for index in range(ALONE):
            args = draw.choice(known)
            reply = composer.good("", [name], [args])
            if index % 2:
                reply = composer.changed(composer.changed(reply))
            yield {"id": name, "args": args, "reply": reply}
    yield from edges(examples)


def edges(examples: dict[str, list[dict]]):
    """Texts at the edge of every type."""
    from graders_replies import EDGES

    for name, known in sorted(examples.items()):
        for text in EDGES:
            yield {"id": name, "args": known[0], "reply": text}


def verdicts(line: dict, reply: str) -> tuple[str, str]:
    """Strict and loose, a character for each instruction."""
    from lm_eval.tasks.ifeval import utils

    example = utils.InputExample(key=0, instruction_id_list=line["instruction_id_list"], prompt=line["prompt"], kwargs=line["kwargs"])
    checks = (utils.test_instruction_following_strict, utils.test_instruction_following_loose)
    times = TIMES if LANGUAGE & set(line["instruction_id_list"]) else 1
    out = []
    for check in checks:
        runs = [check(example, reply).follow_instruction_list for _ in range(times)]
        columns = [set(column) for column in zip(*runs)]
        out.append("".join("?" if len(said) > 1 else str(int(said.pop())) for said in columns))
    drawn = [name == "keywords:letter_frequency" and not args["letter"].isalpha() for name, args in zip(line["instruction_id_list"], line["kwargs"])]
    return tuple("".join("?" if random_ else said for said, random_ in zip(text, drawn)) for text in out)


def main(path: pathlib.Path) -> None:
    """Writes the rows with their verdicts."""
    import logging

    logging.disable(logging.CRITICAL)
    here = pathlib.Path(__file__).resolve().parent
    lines = tasks(here)
    rows = []
    for row in replies(here, lines):
        line = lines[row["task"]] if "task" in row else {"prompt": "", "instruction_id_list": [row["id"]], "kwargs": [row["args"]]}
        strict, loose = verdicts(line, row["reply"])
        rows.append({**row, "strict": strict, "loose": loose})
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode("utf-8", "surrogatepass"), mtime=0))
    print(f"{len(rows)} replies", file=sys.stderr)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
