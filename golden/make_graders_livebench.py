"""
What LiveBench's own scorers say of replies that are made here.

  git clone https://github.com/LiveBench/LiveBench && git -C LiveBench checkout b0fb577
  .cache/graders/bin/python golden/make_graders_livebench.py LiveBench

Its questions are on Hugging Face; these are invented, each of the kind that its task has. Replies say the right answer, a
part of it or another in all the ways that the scorers look for, and then some are broken: a tag lost, a line cut, another
case. What is right is not known to the script: the scorers decide, and where one raises the score is 0, as LiveBench has it.

It writes graders/livebench.jsonl.gz: [task, release date, truth, question, reply, score] a line.
"""

import contextlib
import gzip
import io
import itertools
import json
import pathlib
import random
import sys

ROOT = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(ROOT))

from livebench.process_results.data_analysis.consecutive_events.utils import consecutive_events_process_results
from livebench.process_results.data_analysis.cta.utils import cta_process_results
from livebench.process_results.data_analysis.tablejoin.utils import joinmap_process_results
from livebench.process_results.math.math_competitions.utils import aime_process_results, mathcontest_process_results
from livebench.process_results.math.olympiad.utils import proof_rearrangement_process_results
from livebench.process_results.reasoning.house_traversal.utils import house_traversal_process_results
from livebench.process_results.reasoning.logic_with_navigation.utils import logic_with_navigation_process_results
from livebench.process_results.reasoning.spatial.utils import spatial_process_results
from livebench.process_results.reasoning.sudoku.utils import sudoku_process_results
from livebench.process_results.reasoning.theory_of_mind.utils import theory_of_mind_process_results
from livebench.process_results.reasoning.web_of_lies_v2.utils import web_of_lies_process_results
from livebench.process_results.reasoning.web_of_lies_v3.utils import web_of_lies_v3_process_results
from livebench.process_results.reasoning.zebra_puzzle.utils import get_zebra_puzzle_evaluator
from livebench.process_results.writing.connections.utils import get_connections_puzzle_evaluator
from livebench.process_results.writing.plot_unscrambling.utils import plot_unscrambling_process_results
from livebench.process_results.writing.typos.utils import typos_process_results

HERE = pathlib.Path(__file__).resolve().parent
rng = random.Random(20241125)
NEW, OLD = "2024-11-25", "2024-06-24"


def pick(*options):
    return rng.choice(options)


def said(answer):
    """An answer in one of the ways in which models say it."""
    return pick(
        f"<solution>{answer}</solution>",
        f"<Solution>\n{answer}\n</Solution>",
        f"<solution> {answer} </solution>",
        f"</solution>{answer}</solution>",
        f"So <solution>x</solution>, no: <solution>{answer}</solution>",
        f"**{answer}**",
        f"***{answer}***",
        f"The answer is **{answer}**.",
        f"\\boxed{{{answer}}}",
        f"$\\boxed{{\\text{{{answer}}}}}$",
        f"\\boxed{{\\textbf{{{answer}}}}}",
        f"\\textbf{{{answer}}}",
        f"\\fbox{{{answer}}}",
        f"\\boxed {answer}$ and more",
        f"Answer: {answer}",
        f"The answer is {answer}",
        f"Because of this:\n{answer}",
        f"{answer}",
        f"first\n\n**{answer}**\n\nThat is all (really).",
        f"({answer})",
    )


def broken(reply):
    """The same with something done to it, more often than not with nothing."""
    i = rng.randrange(len(reply) + 1)
    return pick(
        reply, reply, reply, reply,
        reply[:i],
        reply[i:],
        reply.upper(),
        reply.replace("\n", " "),
        reply.replace(", ", ","),
        reply.replace(" ", "\n", 2),
        reply.replace("<solution>", "", 1),
        reply + "\nI hope this helps.",
        "Let us see. **Step 1**: look. " + reply + " \u00a0",
        reply + reply,
        reply.replace("}", "", 1),
        "\\boxed{?} " + reply,
        reply + " \U0001f642" * 3,
    )


def contest():
    letter = pick(*"ABCDE")
    values = rng.sample(range(2, 99), 5)
    choices = " \\qquad ".join(f"\\textbf{{({k})}}{pick('', ' ', '~')}{v}" for k, v in zip("ABCDE", values))
    question = f"What is it? ${choices}$"
    for k in [letter, pick(*"ABCDE")]:
        value = values["ABCDE".index(k)]
        yield pick("amc", "smc_12", "2023_amc"), NEW, letter, question, pick(
            said(k), said(k * 5), f"It is {k * 5}.", f"It is {value}.", f"so {value}, and nothing else remains to be said here",
            f"**{k}**", f"\\boxed{{\\textbf{{({k})}} {value}}}", f"Thus ({k}) {value}", f"<solution>{k}{k}</solution> or not",
        )


def aime():
    n = f"{rng.randrange(1000):03d}"
    for m in [n, f"{rng.randrange(1000):03d}"]:
        yield pick("aime", "aime_i_2024"), NEW, n, "", pick(said(m), f"{m} {'x' * rng.randrange(40, 60)}", f"<solution>{m[0]}</solution>")


def proof():
    n = rng.randrange(3, 9)
    right = rng.sample(range(1, n + 1), n)
    for order in [right, rng.sample(right, n), right[:-1] + right[:1]]:
        listed = pick(", ", ",", " , ").join(map(str, order))
        yield pick("imo", "usamo"), NEW, ",".join(map(str, right)), "", pick(
            said(listed),
            f"Answer: {listed}",
            f"**Answer:** {listed}.",
            f"answer:\n{listed}",
            f"Answer: $\\boxed{{{listed}}}$\n",
            f"Answer: expression {order[0]}, expression {order[1]}, none",
            f"Answer: none\n\n\\boxed{{{listed}}}",
            f"We get <{order[0]}>, <{order[1]}>, x₂, ²",
            f"Answer: ?, of: {listed} Answer: {order[0]} first, {order[1]}",
            "Answer: ",
        )


WORDS = ["yes", "no", "unknown"]


def web(task):
    right = ", ".join(pick(*WORDS) for _ in range(3))
    for answer in [right, ", ".join(pick(*WORDS) for _ in range(pick(2, 3, 3, 3, 4)))]:
        yield task, NEW, pick(right, right, right.replace(", ", ",")), "", pick(
            said(answer), said(answer), said(answer.title()), " ".join(f"**{w}**" for w in answer.split(", ")),
            f"Perhaps {right}, perhaps {answer}.", "\\boxed{\\text{" + answer + "}}", "\\\\boxed{\\\\textbf{" + answer + "}}",
            "**" + answer.replace(",", "") + ".**", "<solution> </solution> \\boxed{" + answer + "}",
        )


NAMES = ["Anna", "bob", "blue-green", "tea", "two", "2", "chess set", "Ivory Coast", "horror", "Ünal"]


def zebra():
    right = rng.sample(NAMES, pick(1, 3, 4))
    for answer in [right, rng.sample(NAMES, len(right)), right[:1] + rng.sample(NAMES, len(right) - 1)]:
        listed = ", ".join(answer)
        yield "zebra_puzzle", NEW, pick(", ", ",").join(right), "", pick(
            said(listed), said(listed), said(listed.upper()), "".join(f"<solution>{a}</solution>" for a in answer),
            f"So it is:\n{listed}", f"<solution>position {listed}</solution>", f"<solution>{listed}, more</solution>",
        )
    word = pick("two", "horror movies", "Anna", "7", "seven")
    for answer in [word, pick("2", "7", "horror", "bob", "seven")]:
        yield "zebra_puzzle", OLD, word, "", pick(said(answer), f"***{answer}***", f"It is ***{answer}***, not ***x***", f"is {answer}.")


def houses():
    right = rng.sample(["anna", "bob", "carl", "dora", "emil"], pick(2, 3, 4))
    for order in [right, rng.sample(right, len(right)), right[1:]]:
        yield "house_traversal", NEW, " ".join(right).title(), "", pick(
            " ".join(f"**{n}**" for n in order), f"**{', '.join(order)}**", f"***{' '.join(order)}***",
            said(", ".join(order)), "\n".join(f"{i}. ****{n}****" for i, n in enumerate(order)), "*a* " + "**".join(order),
        )


def spatial():
    right = pick("7", "12", "20", "triangle", "tetrahedra", "square", "tetrahedron", "circle", "Two")
    spelled = {"7": "seven", "12": "twelve", "20": "twenty"}.get(right, "two " + right)
    for answer in [right, spelled, pick("8", "circle square triangle", "three", "equilateral triangle", "squares and more")]:
        yield "spatial", NEW, right, "", pick(
            said(answer), f"**{answer}** pieces, **all** of **them**", f"**{answer}**, **a**, **b**, **c**", f"\\boxed{{\\mathbf{{{answer}}}}}",
            answer, f"**{answer}\n**",
        )


def mind():
    right = pick("blue_container", "Red box", "the garden")
    for answer in [right, pick("green_container", "red  box", "Garden")]:
        yield "theory_of_mind", NEW, right, "", pick(said(answer), said(answer + "."), f"x\nAnswer: {answer}!", f"the answer is Answer: {answer}", "")


def walk():
    x, y = rng.randrange(-9, 10), rng.randrange(-9, 10)
    for a, b in [(x, y), (y, x), (x, y + 1)]:
        yield "logic_with_navigation", NEW, [x, y], "", pick(
            said(f"({a}, {b})"), f"<solution>{a},{b}</solution>", f"<SOLUTION>at ( {a} ,\n{b} ) or (1, 2)</solution>",
            f"<solution>1, 2 or ({a}, {b})</solution>", f"<solution>{a}.5, {b}</solution>", f"<solution>x = {a}</solution>", f"({a}, {b})",
        )


def sudoku():
    cells = "".join(pick(*"123456789.") for _ in range(16))
    for answer in [cells, cells[:-1], cells[::-1]]:
        grid = "\n".join(answer[i : i + 4] for i in range(0, len(answer), 4))
        yield "sudoku", NEW, cells, "", pick(
            f"<solution>{answer}</solution>", f"<solution>\n{grid}\n</solution>", f"<Solution>{' '.join(answer)}</SOLUTION> <solution>1</solution>",
            f"<solution><solution>{answer}</solution>", answer, said(answer),
        )


def connections():
    words = rng.sample(["ace", "base", "Cape", "dome", "epic", "fern", "gate", "hive", "iris", "jade", "kite", "lamp"], pick(8, 12))
    groups = [words[i : i + 4] for i in range(0, len(words), 4)]
    mixed = [g[:] for g in groups]
    mixed[0][0], mixed[1][0] = mixed[1][0], mixed[0][0]
    for some in [groups, mixed, groups[::-1], groups[1:]]:
        listed = ", ".join(w for g in some for w in rng.sample(g, 4))
        for date in [NEW, OLD]:
            yield "connections", date, ",".join(words), "", pick(
                said(listed), said(listed), said(listed.replace(", ", ",\n")), f"<solution>\n{listed}\n</solution>", f"**{listed}**",
                "".join(f"<solution>{', '.join(g)}</solution>" for g in some), f"**Group 1**: **{', '.join(some[0])}**",
                f"<solution>{listed}, {listed}</solution>",
            )


SENTENCES = [
    "A boy finds a map in the attic", "He shows it to his sister, who does not believe him", "They leave at night, without a word",
    "On the way they meet a tramp", "The tramp has seen the house on the hill", "Nobody has lived there for years",
    "In the cellar they find a box; it is empty", "The boy laughs", "His sister does not laugh", "Years later she finds the map again \U0001f5fa",
    "It rains " + "and rains " * 30 + "until the river is full",
]


def plot():
    right = rng.sample(SENTENCES, pick(3, 5, 8))
    for order in [right, rng.sample(right, len(right)), right[1:], [s.upper() for s in right], [s[: len(s) // 2] for s in right]]:
        text = ". ".join(order) + "."
        yield "plot_unscrambling", NEW, ". ".join(right) + ".", "", pick(
            text, f"<PLOT_SUMMARY>{text}</PLOT_SUMMARY>", f"<PLOT_SUMMARY>\n{text}\n**End of Plot Summary**", f"Sure.\n<PLOT_SUMMARY> {text}",
            f"<PLOT_SUMMARY>{text}</PLOT_SUMMARY> That is it. </PLOT_SUMMARY>", said(text), "",
        )


def typos():
    right = pick("We study the problem of graphs.", "The quick brown fox\njumps over it.", "It is what it is --- or not")
    for text in [right, right.replace("t", "th", 1), right.replace("\n", " ")]:
        yield "typos", NEW, pick(right, right.replace("\n", " ")), "", pick(
            said(text), text, f"a --- {text} --- b", f"a --- b --- {text} --- c", f"x\ny --- {text} ---z", f"<solution>{text}", f"{text}\n\n{text}",
        )


def types():
    right = pick("Date of Birth", "country", "price (USD)", "Größe", "__")
    for answer in [right, right.lower(), pick("Town", "birth")]:
        yield "cta", NEW, right, "", pick(said(answer), answer, f"The column is: {answer}.", f"\\boxed{{\\text{{{answer}}}}}", f"\\boxed{{{answer}")


def join():
    right = {k: v for k, v in zip(rng.sample(["a", "b c", "d'e", "1", "Übung"], 3), rng.sample(["x", "y", "z z", 'q"', ""], 3))}
    other = dict(rng.sample(list(right.items()), 2)) | {pick("a", "new"): pick("x", None, 5, "w")}
    for d in [right, other, dict(reversed(right.items())), {v: k for k, v in right.items()}]:
        text = pick(str(d), str(d), json.dumps(d), json.dumps(d, indent=2), "{" + ", ".join(f"{k!r}: {v!r}" for k, v in d.items()) + ",}")
        yield "tablejoin", NEW, pick(str(right), right), "", pick(
            text, f"<solution>{text}</solution>", f"```python\n{text}\n```", f"Here:\n```json\n{text}\n```", f"<solution>```\n{text}```</solution>",
            f"```\n{text}\n``` and ```python\n{text}\n```", f"\\boxed{{{text}}}", f"\n{text}", f"  {text}", f"map = {text}", said(text), "[1, 2]", "{}",
            "{**{}, 'a': 'x'}", "{['a']: 1}", "{1: 2, True: 3, 'a': -1, (1, 'b'): {2, 3}, 'z': 1 + 2j}", "\n  " + text,
            "\\boxed{{\\text{'a'}: \\text{'x'}}}",
        )


def growth():
    right = [{"user_id": i, "max_consecutive_growth_months": rng.randrange(1, 6)} for i in rng.sample(range(100), pick(0, 1, 3, 7))]
    other = [dict(r, user_id=pick(r["user_id"], 500), max_consecutive_growth_months=pick(r["max_consecutive_growth_months"], 9)) for r in right]
    more = right + [{"user_id": 7, "max_consecutive_growth_months": 1.0}, {"user_id": True}, 5, "x", {"months": 3}]
    for rows in [right, other, more, rng.sample(right, len(right)), right[1:]]:
        text = json.dumps(rows, indent=pick(None, 1))
        yield "consecutive_events", NEW, pick(json.dumps(right), right), "", pick(
            f"<solution>{text}</solution>", f"<solution>{text}</solution>", f"<SOLUTION>\n{text}\n</solution>", said(text), text,
            f"<solution>{text[:-1]}</solution>", "<solution>{}</solution>", "<solution>null</solution>", "<solution>[NaN]</solution>", "<solution>3</solution>",
            '<solution>[{"user_id": [1]}]</solution>', '<solution>"text"</solution>',
        )


KINDS = {
    contest: 40, aime: 80, proof: 60, lambda: web("web_of_lies_v2"): 80, lambda: web("web_of_lies_v3"): 60, zebra: 40, houses: 60, spatial: 60,
    mind: 30, walk: 40, sudoku: 30, connections: 20, plot: 30, typos: 40, types: 40, join: 60, growth: 30,
}


def score(task, date, truth, question, reply):
    """As play_a_match_gt asks for it."""
    first, *rest = task.split("_")
    if first in ("amc", "smc") or rest[:1] == ["amc"]:
        return mathcontest_process_results(truth, reply, question)
    if first == "aime":
        return aime_process_results(truth, reply)
    if first in ("imo", "usamo"):
        return proof_rearrangement_process_results(truth, reply, edit_distance=True)
    if task == "tablejoin":
        return joinmap_process_results(question, truth, reply)
    scorers = {
        "cta": cta_process_results,
        "consecutive_events": consecutive_events_process_results,
        "web_of_lies_v2": web_of_lies_process_results,
        "web_of_lies_v3": web_of_lies_v3_process_results,
        "house_traversal": house_traversal_process_results,
        "zebra_puzzle": get_zebra_puzzle_evaluator(date),
        "spatial": spatial_process_results,
        "theory_of_mind": theory_of_mind_process_results,
        "logic_with_navigation": logic_with_navigation_process_results,
        "sudoku": sudoku_process_results,
        "typos": typos_process_results,
        "connections": get_connections_puzzle_evaluator(date),
        "plot_unscrambling": plot_unscrambling_process_results,
    }
    return scorers[task](truth, reply)


def main():
    lines, counts = [], {}
    for kind, times in KINDS.items():
        for task, date, truth, question, reply in itertools.chain.from_iterable(kind() for _ in range(times)):
            reply = broken(reply)
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    value = float(score(task, date, truth, question, reply))
            except Exception:
                value = 0.0
            lines.append(json.dumps([task, date, truth, question, reply, value], ensure_ascii=False))
            total = counts.setdefault(task, [0, 0, 0])
            total[0] += 1
            total[1] += value == 1
            total[2] += 0 < value < 1
    path = HERE / "graders/livebench.jsonl.gz"
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        file.write(("\n".join(lines) + "\n").encode())
    print(len(lines), "replies,", path.stat().st_size, "bytes")
    for task, (number, right, part) in counts.items():
        print(f"{task:24} {number:5} right {right:5} in part {part:5}")


main()
