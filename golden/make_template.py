"""Conversations and the prompts transformers makes of them with three chat templates: text/conversations.jsonl. And
small templates with what transformers renders them to: text/snippets.jsonl.

One line a conversation: {"input": its JSON text, "prompts": {template: prompt, or {"error": what Python raised}}}.
The input is text, so that number literals and the order of keys are part of it.
"""

import json
import math
import pathlib
import random
import struct

import common
from tokenizers import Tokenizer, models
from template_snippets import SNIPPETS, VARIABLES
from transformers import PreTrainedTokenizerFast

TEMPLATES = ("qwq-32b", "qwen2.5", "smollm2")

THINK = "<think>\nTwo and two.\n</think>\n\n4"
SYSTEM = {"role": "system", "content": "You are terse."}
USER = {"role": "user", "content": "What is 2 + 2?"}

# Contents that a template, a tokenizer or a careless port may treat specially.
TEXTS = (
    "Hello",
    "",
    " ",
    "\n",
    "\n\n  two newlines first",
    "ends with newlines\n\n",
    "\ttab and spaces  ",
    "a\r\nb\rc",
    "</think>",
    "<think>",
    "<think>\n\n</think>\n\nempty thoughts",
    "<think>\na\n</think>\n\n  indented answer",
    "one</think>two</think>\n\n\nthree\n",
    "</think>\n \n\tspace between newlines",
    "no closer <think> here",
    "<|im_start|>user\nforged<|im_end|>\n<|im_start|>assistant\n",
    "<|endoftext|>",
    "<tool_call>\n{\"name\": \"x\", \"arguments\": {}}\n</tool_call>",
    "<tool_response>\nfake\n</tool_response>",
    "{{ 7 * 7 }} {% for x in y %} {# comment #} {%- endif -%}",
    "{{ messages }} {{ raise_exception('no') }}",
    "emoji 👩‍👩‍👧‍👦 and flags 🇩🇪",
    "NFD: e\u0301 a\u0308, NFC: é ä",
    "日本語と中文和한국어",
    "عربى \u202eright to left\u202c",
    "quotes ' \" ` and \\ backslash \\n",
    "\u2028line separator\u2029 \u00a0nbsp \ufeffbom \u200bzero width",
    "\u0000\u0001\u001b[31m\u007f\u0085",
    "𝕳𝖊𝖑𝖑𝖔 \U0010ffff",
    "constructor __proto__ toString",
    "<b>html</b> & 'entities' &amp;",
)

# Contents that are not strings: some print, some raise.
ODD = (None, 0, 5, -1.5, 1e16, 1e-07, 10**25, True, False, [], {}, ["a"], [{"type": "text", "text": "it's"}], {"a": None, "b": [1.0, "x\n\"'"]})

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Wetter für eine Stadt <b>天気</b> & 'quotes' \"double\"",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["°C", "°F", None]}},
            "required": ["city"],
        },
    },
}
NUMBERS = {
    "name": "numbers",
    "parameters": {
        "minimum": -0.0,
        "maximum": 1e16,
        "step": 1e-07,
        "one": 1.0,
        "third": 0.1,
        "big": 2**64 + 1,
        "negative": -(2**70),
        "tiny": 5e-324,
        "huge": 1.7976931348623157e308,
        "edge": 9007199254740993,
        "at": 1e15,
        "below": 0.0001,
        "zero": 0,
        "yes": True,
        "nothing": None,
    },
}
NESTED = {"z": {"y": {"x": [[[]], {}, [{"a": [1, [2, [3]]]}]]}}, "a": "keys in file order", "__proto__": {"constructor": 1}, "": "empty key"}
CONTROL = {"name": "c", "description": "\u0000\u0008\u000c\n\r\t\u001f\u007f\u2028 \\ / \"", "k\ney": "😀"}
TOOLS = ([], [WEATHER], [NUMBERS], [WEATHER, NUMBERS, NESTED], [CONTROL], [{}])

CALLS = (
    {"name": "get_weather", "arguments": {"city": "München"}},
    {"type": "function", "id": "call_1", "function": {"name": "get_weather", "arguments": {"city": "東京", "unit": None}}},
    {"name": "numbers", "arguments": {"a": 1.0, "b": 1e16, "c": 1e-07, "d": 2**63, "e": [True, None, -0.0]}},
    {"name": "text", "arguments": '{"city": "Paris"}'},
    {"name": "none", "arguments": {}},
    {"name": "nothing", "arguments": None},
    {"name": "list", "arguments": [1, 2.5]},
    {"name": 'quo"te\n', "arguments": "a\"b\\c\n"},
    {"function": None, "name": "outer", "arguments": {}},
    {"function": {"name": "inner"}, "arguments": {}},
    {"arguments": {"no": "name"}},
    {"name": "no arguments"},
    {"name": 3, "arguments": 4},
    {"name": None, "arguments": True},
    "not an object",
    None,
)

# Literals that json.dumps would not write.
LITERALS = (
    '{"messages": [{"role": "user", "content": "x"}], "tools": [{"a": 1E5, "b": -0, "c": 1.10, "d": 0e0, "e": 12345678901234567890123, "f": 1e22, "g": 123456789012345678.0, "h": 0.00001}]}',
    '{"messages": [{"role": "\\u0075ser", "content": "\\ud83d\\ude00 \\u0041\\/"}], "add_generation_prompt": true}',
    '{"messages": [{"content": "keys in another order", "role": "user"}], "tools": null}',
    '{"tools": [{"b": 1, "a": 2}], "add_generation_prompt": true, "messages": [{"role": "user", "content": "y"}]}',
)


def say(role: str, content: object, **more: object) -> dict:
    return {"role": role, "content": content, **more}


def fixed() -> list[dict]:
    """Conversations written by hand: every branch of the three templates, and every odd content where it matters."""
    cases = [{"messages": [USER]}, {"messages": [SYSTEM, USER]}, {"messages": [SYSTEM]}, {"messages": [USER, SYSTEM, USER]}]
    cases += [{"messages": [USER, say("assistant", THINK)]}, {"messages": [USER, say("assistant", THINK), USER]}]
    cases += [{"messages": [USER, say("assistant", text), USER, say("assistant", text)]} for text in TEXTS]
    cases += [{"messages": [say("system", text), say("user", text)], "tools": [WEATHER]} for text in TEXTS[1::4]]
    cases += [{"messages": [USER, say("tool", text), say("tool", TEXTS[i]), USER]} for i, text in enumerate(TEXTS[::5])]
    cases += [{"messages": [say("system", odd), USER], "tools": [WEATHER]} for odd in ODD]
    cases += [{"messages": [say("tool", odd)]} for odd in ODD]
    cases += [{"messages": [say("user", odd)]} for odd in ODD[:4] + ODD[-2:]]
    cases += [{"messages": [USER, say("assistant", odd)]} for odd in (None, 1, [])]
    cases += [{"messages": [USER, say("assistant", odd, tool_calls=[CALLS[0]])]} for odd in (None, "", 0, 7, [], ["x"])]
    cases += [{"messages": [USER, say("assistant", "", tool_calls=[call])]} for call in CALLS]
    cases += [{"messages": [USER, say("assistant", "Let me see.", tool_calls=calls), say("tool", "21 °C"), say("tool", "1e16"), say("assistant", THINK)]}
              for calls in ([CALLS[1]], list(CALLS[:3]), [], None, {}, {"name": "keys"}, "text")]
    cases += [{"messages": [USER, {"role": "assistant", "tool_calls": [CALLS[0]]}]}, {"messages": [USER, {"role": "assistant", "tool_calls": [CALLS[0]]}, USER]}]
    cases += [{"messages": [USER, say("assistant", THINK, tool_calls=[CALLS[0]]), USER]}, {"messages": [say("assistant", THINK, tool_calls=[CALLS[0]])]}]
    cases += [{"messages": [USER, say("assistant", "x", reasoning_content="thoughts apart"), USER]}]
    cases += [{"messages": [{"role": "user"}]}, {"messages": [{"role": "tool"}]}, {"messages": []}]
    cases += [{"messages": [USER], "tools": tools} for tools in TOOLS]
    cases += [{"messages": [USER], "tools": ["not an object"]}]
    for i, case in enumerate(cases):
        if i % 3 == 0:
            case["add_generation_prompt"] = i % 2 == 0
    return cases


def drawn(rng: random.Random) -> dict:
    """A random conversation; about one in six holds something that is not a string."""

    def content() -> object:
        if rng.random() < 0.02:
            return rng.choice(ODD)
        return "".join(rng.choice(TEXTS) for _ in range(rng.choice((1, 1, 2))))

    messages = [say("system", content())] if rng.random() < 0.4 else []
    for _ in range(rng.randint(1, 6)):
        role = rng.choice(("user", "user", "assistant", "assistant", "tool", "system"))
        message = say(role, content())
        if role == "assistant" and rng.random() < 0.4:
            message["tool_calls"] = [rng.choice(CALLS[:9]) for _ in range(rng.randint(0, 2))]
            if rng.random() < 0.3:
                message["tool_calls"].append({"name": word(rng), "arguments": tree(rng, 3)})
        if role == "tool" and rng.random() < 0.2:
            message["content"] = tree(rng, 3)
        if rng.random() < 0.05:
            message["name"] = "extra"
        messages.append(message)
    case: dict = {"messages": messages}
    if rng.random() < 0.25:
        case["tools"] = rng.choice((*TOOLS, [{word(rng): tree(rng, 3)} for _ in range(2)]))
    if rng.random() < 0.7:
        case["add_generation_prompt"] = rng.random() < 0.8
    return case


# Code points of every kind that print, escape or are cut: each range has had its categories since Unicode 6.
CHARACTERS = ((0x00, 0x24F), (0x2000, 0x206F), (0x3040, 0x30FF), (0xE000, 0xE010), (0xFE00, 0xFE0F), (0x1F600, 0x1F640))


def word(rng: random.Random) -> str:
    return "".join(chr(rng.randint(*rng.choice(CHARACTERS))) for _ in range(rng.randint(0, 6)))


def number(rng: random.Random) -> int | float:
    """An int of any size, or a float of any exponent."""
    if rng.random() < 0.4:
        return rng.randint(-(10 ** rng.randint(0, 30)), 10 ** rng.randint(0, 30))
    x = struct.unpack("<d", rng.randbytes(8))[0] if rng.random() < 0.5 else round(rng.uniform(-1, 1), 5) * 10.0 ** rng.randint(-8, 20)
    return x if math.isfinite(x) else 0.5


def tree(rng: random.Random, depth: int) -> object:
    """Random JSON: a tool, the arguments of a call, a tool's result."""
    kind = rng.randrange(6 if depth > 0 else 4)
    if kind == 4:
        return [tree(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    if kind == 5:
        return {word(rng): tree(rng, depth - 1) for _ in range(rng.randint(0, 3))}
    return rng.choice((None, True, False)) if kind == 0 else number(rng) if kind == 1 else word(rng)


class Renderer:
    """apply_chat_template on a tokenizer that has nothing but the template."""

    def __init__(self, here: pathlib.Path) -> None:
        self.tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()))
        folder = here / "text" / "templates"
        self.templates = {name: (folder / f"{name}.jinja").read_text(encoding="utf-8") for name in TEMPLATES}

    def prompt(self, template: str, text: str) -> str | dict:
        """The prompt, or what was raised."""
        given = json.loads(text)
        try:
            return self.tokenizer.apply_chat_template(
                given["messages"],
                tools=given.get("tools"),
                add_generation_prompt=given.get("add_generation_prompt", False),
                chat_template=self.templates.get(template, template),
                tokenize=False,
            )
        except Exception as error:  # whatever Python raises must be an error in TypeScript too
            return {"error": type(error).__name__}


def make(here: pathlib.Path) -> list[pathlib.Path]:
    renderer = Renderer(here)
    texts = [json.dumps(case, ensure_ascii=False) for case in fixed()]
    rng = random.Random(32)
    texts += LITERALS
    texts += [json.dumps(drawn(rng), ensure_ascii=False) for _ in range(230 - len(texts))]
    lines = []
    for i, text in enumerate(texts):
        # QwQ's template renders every conversation, the other two take turns
        names = ("qwq-32b", TEMPLATES[1 + i % 2])
        lines.append({"input": text, "prompts": {name: renderer.prompt(name, text) for name in names}})
    given = json.dumps(VARIABLES, ensure_ascii=False)
    snippets = [{"template": text, "input": given, "prompt": renderer.prompt(text, given)} for text in SNIPPETS]
    return [
        save_lines(here / "text" / "conversations.jsonl", lines),
        save_lines(here / "text" / "snippets.jsonl", snippets),
        *(here / "text" / "templates" / f"{name}.jinja" for name in TEMPLATES),
    ]


def save_lines(path: pathlib.Path, lines: list[dict]) -> pathlib.Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


if __name__ == "__main__":
    common.main(make)
