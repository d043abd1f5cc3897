"""
What bfcl-eval says of replies to its own tasks: for each task of the categories that are decided by the tree of a call, right
answers in QwQ's tags and in Python's syntax, and five mutations. Ours are compared with it (npm run test:graders). It runs in
.cache/graders (npx tsx golden/install.ts graders bfcl).

Of the data only what the check looks at is kept: names, types, what is required, the answers. bfcl-eval's list of models
imports the clients of all of them; a stand-in with one model takes its place, and openai's client is none.
"""

import gzip
import json
import pathlib
import random
import subprocess
import sys
import types

SEED = 21
MUTATIONS = 5
AST = ["simple_python", "simple_java", "simple_javascript", "multiple", "parallel", "parallel_multiple", "live_simple", "live_multiple", "live_parallel", "live_parallel_multiple"]
RELEVANCE = ["irrelevance", "live_irrelevance", "live_relevance"]


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Writes graders/bfcl-verdicts.jsonl.gz, in the environment of the official graders."""
    path = here / "graders/bfcl-verdicts.jsonl.gz"
    subprocess.run([here.parent / ".cache/graders/bin/python", __file__, path], check=True)
    return [path]


class Official:
    """bfcl-eval's own decoders and checker."""

    def __init__(self):
        stand_in = types.ModuleType("bfcl_eval.constants.model_config")
        stand_in.MODEL_CONFIG_MAPPING = {"qwq-32b": types.SimpleNamespace(underscore_to_dot=False)}
        sys.modules[stand_in.__name__] = stand_in
        openai = types.ModuleType("openai")
        openai.__getattr__ = lambda name: type(name, (Exception,), {})
        sys.modules["openai"] = openai
        from bfcl_eval.constants.enums import Language, ReturnFormat
        from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker
        from bfcl_eval.model_handler.local_inference.qwen_fc import QwenFCHandler
        from bfcl_eval.model_handler.utils import default_decode_ast_prompting
        from bfcl_eval.utils import is_empty_output, is_function_calling_format_output

        self.check, self.is_empty, self.is_format = ast_checker, is_empty_output, is_function_calling_format_output
        self.handler = QwenFCHandler.__new__(QwenFCHandler)
        self.prompting, self.python, self.languages = default_decode_ast_prompting, ReturnFormat.PYTHON, Language

    def decode(self, reply: str, style: str):
        """The calls, or None where the decoder raises."""
        try:
            if style == "tools":
                return self.handler.decode_ast(reply, self.python, False)
            return self.prompting(reply, self.python, False)
        except Exception:
            return None

    def verdict(self, task: dict, category: str, reply: str, style: str) -> str:
        """1 or 0; ! where the checker itself raises."""
        decoded = self.decode(reply, style)
        if category in RELEVANCE:
            calls = decoded is not None and not self.is_empty(decoded)
            return str(int(calls == (category == "live_relevance")))
        if decoded is None or not self.is_format(decoded):
            return "0"
        language = {"simple_java": "JAVA", "simple_javascript": "JAVASCRIPT"}.get(category, "PYTHON")
        try:
            found = self.check(task["function"], decoded, task["ground_truth"], self.languages[language], category, "qwq-32b")
        except Exception:
            return "!"
        return str(int(found["valid"]))


def stripped(function: dict) -> dict:
    """What the check looks at."""
    parameters = function["parameters"]
    properties = {}
    for key, value in parameters["properties"].items():
        properties[key] = {"type": value["type"]}
        if "type" in value.get("items", {}):
            properties[key]["items"] = {"type": value["items"]["type"]}
    return {"name": function["name"], "parameters": {"properties": properties, "required": parameters["required"]}}


def tasks(category: str) -> list[dict]:
    """The tasks of a category, with their answers."""
    import bfcl_eval

    data = pathlib.Path(bfcl_eval.__file__).parent / "data"
    name = f"BFCL_v4_{category}.json"
    lines = [json.loads(line) for line in (data / name).read_text(encoding="utf-8").splitlines()]
    out = [{"id": line["id"], "function": [stripped(function) for function in line.get("function", [])]} for line in lines]
    if category not in RELEVANCE:
        truth = {line["id"]: line["ground_truth"] for line in map(json.loads, (data / "possible_answer" / name).read_text(encoding="utf-8").splitlines())}
        for task in out:
            task["ground_truth"] = truth[task["id"]]
    return out


def replies(draw: random.Random, task: dict, category: str, number: int):
    """Replies to a task with their styles."""
    from graders_calls import TEXTS, Caller

    if category in RELEVANCE:
        for style in ("tools", "python"):
            yield draw.choice(TEXTS), style
        return
    caller = Caller(draw, task)
    for style in ("tools", "python"):
        yield caller.reply(caller.right(), style), style
    for index in range(MUTATIONS):
        style = "tools" if (index + number) % 2 else "python"
        yield caller.mutated(caller.right(), style), style


def main(path: pathlib.Path) -> None:
    """Writes a line for each task: itself, and its replies with their verdicts; then the edges of Python's syntax."""
    from graders_calls import SYNTAX, TEXTS

    official, draw, count = Official(), random.Random(SEED), 0
    with gzip.GzipFile(path, "wb", mtime=0, compresslevel=9) as file:
        for category in AST + RELEVANCE:
            for number, task in enumerate(tasks(category)):
                rows = [[style[0], official.verdict(task, category, reply, style), reply] for reply, style in replies(draw, task, category, number)]
                count += len(rows)
                if category in RELEVANCE:
                    task = {"id": task["id"], "function": []}
                file.write((json.dumps({**task, "replies": rows}, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace"))
        for text in SYNTAX + TEXTS:
            decoded = official.decode(text, "python")
            file.write((json.dumps({"syntax": text, "decoded": None if decoded is None else repr(decoded)}) + "\n").encode())
    print(f"{count} replies, {len(SYNTAX + TEXTS)} edges of syntax, {path.stat().st_size:,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
