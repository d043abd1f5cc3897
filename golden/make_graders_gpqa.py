"""
GPQA as lm-eval reads it: the order of the choices, and what its two filters find in replies.

  .cache/graders/bin/python golden/make_graders_gpqa.py

GPQA's authors ask that its questions are not put online, so these are invented, in a table like theirs. It writes

  graders/gpqa.csv     24 rows, with commas, quotes and line breaks within fields
  graders/gpqa.json    for each row the choices as lm-eval's process_docs shuffles them after random.seed(0), with the
                       letter; and replies, each with its row and the verdicts of strict-match and flexible-extract

Verdicts are those of lm-eval's own filters, built from its own task file, and of its own exact_match.
"""

import csv
import importlib.util
import json
import pathlib
import random

import lm_eval
import yaml
from lm_eval.api.metrics import exact_match_hf_evaluate
from lm_eval.filters import build_filter_ensemble

HERE = pathlib.Path(__file__).resolve().parent
TASK = pathlib.Path(lm_eval.__file__).parent / "tasks/gpqa/cot_zeroshot"
rng = random.Random(65)

KINDS = [
    lambda: [f"10^{{-{n}}} eV" for n in rng.sample(range(3, 12), 4)],
    lambda: [f"{n} nm" for n in rng.sample(range(100, 900), 4)],
    lambda: rng.sample(["Guilty", "Guilty of Romance", "Not guilty", "No verdict", "A mistrial"], 4),
    lambda: rng.sample([" only 1, 2", "1, 2 and 3 ", "1 and 3", "2,  3", "All [title] of them", 'He said "none"'], 4),
    lambda: rng.sample(["x (y)", "x - y", "y - x", "-x\ny", "xy", "x * [y]"], 4),
    lambda: rng.sample(["Ce\u0301rium", "CO\u2082", "\u0391\u03a3", "H\u2082O\u2013D\u2082O", "Na\u00a0Cl", "\u00d6l."], 4),
]


def row(i):
    right, *wrong = KINDS[i % len(KINDS)]()
    question = f"Question {i}, of several\nlines: which is \"right\"?"
    return {
        "Record ID": f"rec{i:03d}",
        "Question": question,
        "Correct Answer": right,
        "Incorrect Answer 1": wrong[0],
        "Incorrect Answer 2": wrong[1],
        "Incorrect Answer 3": wrong[2],
        "High-level domain": rng.choice(["Physics", "Chemistry", "Biology"]),
        "Subdomain": "Invented",
    }


class Rows(list):
    """As much of a data set as process_docs asks for."""

    def map(self, one):
        return Rows({**doc, **one(doc)} for doc in self)


def replies(doc):
    """Said rightly and wrongly, in the ways that its filters see, and in ways that they do not."""
    letters, choices = "ABCD", doc["choices"]
    for k in rng.sample(range(4), 2) + [choices.index(doc["right"])]:
        a, b, c = letters[k], letters[(k + 1) % 4], choices[k]
        yield from [
            f"The answer is ({a}).",
            f"The answer is ({a})",
            f"The answer is {a}.",
            f"The answer is {a}",
            f"the answer is ({a}).",
            f"The answer is ({b}). No: The answer is ({a}).",
            f"Some thought.\r\nThe answer is ({a}).\r\n",
            f"The answer is ({a}) {c}.",
            f"The answer is **({a})**!",
            f"Between ({b}) and ({a}).",
            f"({a}) is right, (b) is not.",
            f"It is {c}",
            f"It is {c.upper()}, of course, not {choices[(k + 1) % 4]}",
            f"{choices[(k + 1) % 4]} or {c}?",
            f"Answer: {a}",
            f"Answer:\n\t{a}\nNot: {b}",
            f'"answer": "{a}"',
            f"\\boxed{{{a}}}",
            f"(E) or ({a}",
            "The answer is ",
            "",
            "I do not know.",
        ]


def main():
    table = [row(i) for i in range(24)]
    with open(HERE / "graders/gpqa.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys())
        writer.writeheader()
        writer.writerows(table)

    spec = importlib.util.spec_from_file_location("gpqa_utils", TASK / "utils.py")
    utils = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(utils)
    random.seed(0)
    docs = utils.process_docs(Rows(table))

    yaml.SafeLoader.add_constructor("!function", lambda loader, node: node.value)
    task = yaml.safe_load((TASK / "_gpqa_cot_zeroshot_yaml").read_text())
    filters = {}
    for one in task["filter_list"]:
        parts = [[part["function"], {k: v for k, v in part.items() if k != "function"}] for part in one["filter"]]
        filters[one["name"]] = build_filter_ensemble(one["name"], parts).filters

    for doc in docs:
        doc["right"] = utils.preprocess(doc["Correct Answer"])
    said = [(number, reply) for number, doc in enumerate(docs) for reply in replies(doc)]
    asked = [docs[number] for number, _ in said]
    verdicts = []
    for name in ["strict-match", "flexible-extract"]:
        found = [[reply] for _, reply in said]
        for make in filters[name]:
            found = list(make().apply(found, asked))
        ignoring = {"ignore_case": True, "ignore_punctuation": True}
        pairs = [(one if isinstance(one, list) else [one], [doc["answer"]]) for one, doc in zip(found, asked)]
        verdicts.append([int(exact_match_hf_evaluate(*pair, **ignoring)["exact_match"]) for pair in pairs])
    cases = [[number, reply, strict, flexible] for (number, reply), strict, flexible in zip(said, *verdicts)]
    out = {"rows": [{"choices": d["choices"], "answer": d["answer"][1]} for d in docs], "cases": cases}
    (HERE / "graders/gpqa.json").write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(len(cases), "replies;", [sum(case[i] for case in cases) for i in (2, 3)], "right")


main()
