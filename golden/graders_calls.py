"""
Calls for BFCL's tasks, made from its own answers: right ones, and what goes wrong with them, in QwQ's tags and in Python's
syntax.
"""

import json
import random


class Caller:
    """Makes replies to one task; every choice comes from `draw`."""

    def __init__(self, draw: random.Random, task: dict):
        self.draw = draw
        self.language = "java" if "java_" in task["id"] else "javascript" if "javascript" in task["id"] else "python"
        self.functions = {function["name"]: function["parameters"]["properties"] for function in task["function"]}
        self.answers = task["ground_truth"]

    def right(self) -> list[tuple[str, dict]]:
        """The calls that are right, by one choice of each value."""
        calls = []
        for answer in self.answers:
            ((name, parameters),) = answer.items()
            given = {}
            for key, options in parameters.items():
                if not options:
                    continue
                chosen = self.draw.choice(options)
                if chosen == "" and "" in options and (self.draw.random() < 0.7 or set(map(str, options)) == {""}):
                    continue
                kind = self.functions.get(name, {}).get(key, {})
                given[key] = self.literal(self.plain(chosen), kind)
            calls.append((name, given))
        return calls

    def plain(self, value):
        """A value without its alternatives: of a dict's keys one answer each."""
        if isinstance(value, dict):
            out = {}
            for key, options in value.items():
                chosen = self.draw.choice(options) if isinstance(options, list) and options else options
                if chosen == "" and isinstance(options, list) and "" in options:
                    continue
                out[key] = self.plain(chosen) if isinstance(chosen, dict) else chosen
            return out
        if isinstance(value, list):
            return [self.plain(item) if isinstance(item, dict) else item for item in value]
        return value

    def literal(self, value, kind: dict):
        """The value as the task's language writes it."""
        if self.language == "python":
            return value
        write = self.java if self.language == "java" else self.javascript
        return value if isinstance(value, str) and kind.get("type") not in ("String",) else write(value, kind.get("type", "any"), kind.get("items", {}).get("type"))

    def java(self, value, kind, inner):
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return f"{value}L" if kind == "long" else str(value)
        if isinstance(value, float):
            return f"{value}f" if kind == "float" else str(value)
        if isinstance(value, list):
            items = ", ".join(self.java_item(item, inner) for item in value)
            if kind == "ArrayList":
                added = " ".join(f"add({self.java_item(item, inner)});" for item in value)
                return self.draw.choice([f"new ArrayList<>(Arrays.asList({items}))", f"new ArrayList<String>() {{{{ {added} }}}}"])
            return self.draw.choice([f"new String[]{{{items}}}", f"new int[] {{ {items} }}"])
        if isinstance(value, dict):
            puts = " ".join(f'put("{key}", {self.java_item(item, None)});' for key, item in value.items())
            return self.draw.choice([f"new HashMap<>() {{{{ {puts} }}}}", f"new HashMap<String, Object>() {{{{{puts}}}}}"])
        return value

    def java_item(self, value, inner):
        return f'"{value}"' if isinstance(value, str) and inner in (None, "String") else f"'{value}'" if inner == "char" else str(self.java(value, inner, None))

    def javascript(self, value, kind, inner):
        if isinstance(value, str):
            return self.draw.choice([value, f'"{value}"', f"'{value}'"])
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            items = ", ".join(self.javascript_item(item) for item in value)
            return self.draw.choice([f"[{items}]", f"new Array({items})", f"[ {items} ]"])
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self.draw.choice([key, repr(key)])}: {self.javascript_item(item)}" for key, item in value.items()) + "}"
        return f"{value}n" if kind == "Bigint" else str(value)

    def javascript_item(self, value):
        return self.draw.choice([f'"{value}"', f"'{value}'"]) if isinstance(value, str) else str(self.javascript(value, None, None))

    def reply(self, calls, style: str) -> str:
        """The calls as a model writes them."""
        if style == "tools":
            return "\n".join(f"<tool_call>\n{json.dumps({'name': name, 'arguments': given}, ensure_ascii=self.draw.random() < 0.5)}\n</tool_call>" for name, given in calls)
        inside = ", ".join(f"{name}({', '.join(f'{key}={value!r}' for key, value in given.items())})" for name, given in calls)
        return self.draw.choice([f"[{inside}]", f"[{inside}]", inside, f"```\n[{inside}]\n```", f" [{inside}]\n", f"'[{inside}]'"])

    def mutated(self, calls, style: str) -> str:
        """A reply with one thing changed, or two."""
        calls = [(name, dict(given)) for name, given in calls]
        for _ in range(self.draw.choice([1, 1, 1, 2])):
            calls = self.draw.choice(self.CHANGES)(self, calls)
        reply = self.reply(calls, style)
        if self.draw.random() < 0.12:
            reply = self.draw.choice(self.BREAKS)(reply, self.draw)
        return reply

    def pick(self, calls):
        """A call and one of its arguments."""
        with_arguments = [call for call in calls if call[1]]
        if not with_arguments:
            return None, None
        name, given = self.draw.choice(with_arguments)
        return given, self.draw.choice(list(given))

    def change_name(self, calls):
        at = self.draw.randrange(len(calls)) if calls else 0
        return [(self.draw.choice([name + "s", name.replace(".", "_"), name.upper(), name.split(".")[-1]]), given) if i == at else (name, given) for i, (name, given) in enumerate(calls)]

    def drop(self, calls):
        given, key = self.pick(calls)
        if given is not None:
            del given[key]
        return calls

    def add(self, calls):
        if calls:
            name, given = self.draw.choice(calls)
            optional = [key for key in self.functions.get(name, {}) if key not in given]
            given[self.draw.choice([*optional, "extra"])] = self.draw.choice([1, "x", None, True, [], {}, 2.5])
        return calls

    def change_value(self, calls):
        given, key = self.pick(calls)
        if given is not None:
            given[key] = self.other(given[key])
        return calls

    def other(self, value):
        draw = self.draw
        if isinstance(value, bool):
            return draw.choice([not value, str(value), int(value), None])
        if isinstance(value, int):
            return draw.choice([value + 1, -value, float(value), str(value), value * 1.0 + 0.5, True, [value]])
        if isinstance(value, float):
            return draw.choice([value + 0.1, int(value), str(value), -value, value * (1 + 1e-16), [value]])
        if isinstance(value, str):
            return draw.choice([value.upper(), value.replace(" ", ""), value + "x", value.replace(",", ""), value.title(), value.replace("-", " "), f'"{value}"', value + ".", value[:-1], value.replace("'", '"'), "", 5, [value], value + "\n", "\u00e9" + value])
        if isinstance(value, list):
            return draw.choice([value[::-1], value[:-1], value + value[:1], tuple(value), [self.other(item) if i == 0 else item for i, item in enumerate(value)], str(value), [], {"a": 1}, [value]])
        if isinstance(value, dict):
            keys = list(value)
            if keys:
                key = draw.choice(keys)
                return draw.choice([{**value, key: self.other(value[key])}, {k: v for k, v in value.items() if k != key}, {**value, "more": 1}, dict(reversed(value.items())), [value], str(value)])
            return draw.choice([None, [], {"a": 1}])
        return "x"

    def more(self, calls):
        return calls + [self.draw.choice(calls)] if calls else calls

    def fewer(self, calls):
        return calls[:-1]

    def reorder(self, calls):
        return self.draw.sample(calls, len(calls))

    CHANGES = [change_name, drop, drop, add, add, change_value, change_value, change_value, change_value, more, fewer, reorder]

    BREAKS = [
        lambda reply, draw: reply[:-1],
        lambda reply, draw: reply.replace("(", "", 1).replace("{", "", 1),
        lambda reply, draw: "Sure! " + reply,
        lambda reply, draw: reply + "\nIs that all?",
        lambda reply, draw: reply.replace('"', "'"),
        lambda reply, draw: reply.replace("\n", ""),
        lambda reply, draw: reply.replace("=", ":"),
        lambda reply, draw: reply.replace("tool_call", "tool"),
        lambda reply, draw: reply.replace('"arguments": {', '"arguments": "{').replace("}}", '}"}'),
        lambda reply, draw: reply.replace('"name"', '"function"'),
        lambda reply, draw: reply.replace("(", "(1, ", 1),
        lambda reply, draw: reply.replace("=", "=(", 1).replace(",", "),", 1),
        lambda reply, draw: "".join(c for c in reply if draw.random() > 0.02),
        lambda reply, draw: reply.replace("True", "true").replace("False", "false"),
        lambda reply, draw: "```python\n" + reply + "\n```",
        lambda reply, draw: reply.replace(", ", ",\n  # note\n", 1),
        lambda reply, draw: reply + reply,
    ]


TEXTS = [
    "",
    "[]",
    "{}",
    "None of the functions can do this.",
    "I cannot help with that, sorry.",
    "Which city do you mean?",
    "[f()]",
    "<tool_call>\n{}\n</tool_call>",
    '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>',
    '<tool_call>\n{"name": "f"}\n</tool_call>',
    "<tool_call>\nnot json\n</tool_call>",
    '<tool_call>{"name": "f", "arguments": {}}</tool_call>',
    '<tool_call>\n{"name": "f", "arguments": {}}',
    "<tool_call>\n[1]\n</tool_call>",
    "get_weather(city='Paris')",
    "I would call get_weather(city='Paris').",
]

# Python's syntax at its edges: what the official decoder makes of each is recorded
SYNTAX = r"""
f(a=1)
f(a=-1, b=+2, c=~3, d=not True, e=--1)
f(a=1.0, b=1e5, c=.5, d=5., e=1_000, g=0x1F, h=0b11, i=0o17, j=2j, k=00)
f(a=01)
f(a=1__0)
f(a=1a)
f(a=0777)
f(a='x', b="y", c='''z''', d="\"q\"", e='it\'s', g=r'\n', h='\n\t\x41\u00e9\101\q')
f(a=b'x', b=u'y', c=rb'\z')
f(a='x' 'y' "z")
f(a=b'x' 'y')
f(a=f'x{1}')
f(a='\N{BULLET}')
f(a='\x4')
f(a='unclosed)
f(a=[1, 2, [3]], b=(1,), c=(), d=(1), e={'k': 1, 2: [3]}, g={})
f(a={1, 2})
f(a={'a': 1, **b})
f(a={[1]: 2})
f(a={(1, 2): 3})
f(a={True: 1, 1: 2})
f(a={1.0: 1, 1: 2})
f(a=True, b=False, c=None, d=true, e=null, g=...)
f(a=x, b=x.y)
f(a=x[0], b=x[1:2], c=x[::2], d=x[1, 2], e=x['k'][0])
f(a=g(), b=g(1, 2), c=h.i('x', [1], {'k': 2}), d=g(*x), e=g(-1, 1 + 2 * 3, (1, 2)))
f(a=g(b=1), c=h.i(1, j=2))
f(a=1 + 2, b=2 * 3 - 4, c=7 // 2, d=-7 // 2, e=7 % 3, g=-7 % 3, h=2 ** 10, i=2 ** -1, j=7 / 2, k=1 << 3)
f(a='x' + 'y', b='x' * 3, c=[1] + [2], d=(1,) + (2,), e=[0] * 2)
f(a=1 / 0)
f(a=x + 1)
f(a=1.5 + 1, b=1.5 * 2, c=7.5 // 2, d=-7.5 % 2, e=0.1 + 0.2, g=True + 1)
f(a='x' + 1)
f(a=-x)
f(a=-(1 + 2))
f(a=-'x')
f(a=not 0)
f(a=1 < 2)
f(a=1 if x else 2)
f(a=x or y)
f(a=lambda: 1)
f(a=[i for i in x])
f(a={i: i for i in x})
f(i for i in x)
f(a=(yield))
f(a=await x)
f(a:=1)
f(1, 2, a=3)
f(a=1, 2)
f(a=1, *b)
f(a=1, **b)
f(**b, a=1)
f(**b, *c)
f(**b, 1)
f(*a)
f(a=1, a=2)
f(a=1,)
f(,)
f(a=)
f(=1)
f(a.b=1)
f('a'=1)
f(True=1)
f(class=1)
f(from=1, to=2)
f(print=1, match=2, type=3, _=4)
a.b.c(d=1)
a.class(d=1)
a().b(c=1)
a[0].b(c=1)
'x'.join(c=1)
(f)(a=1)
f(a=1)(b=2)
f(a=1).g(b=2)
f(a=1), g(b=2)
[f(a=1), g(b=2)]
[f(a=1), g(b=2),]
[f(a=1) g(b=2)]
[f(a=1)], [g(b=2)]
[[f(a=1)]]
[f(a=1)][0]
[f(a=1); g(b=2)]
[f(a=1)]  # a comment
(f(a=1), g(b=2))
{f(a=1), g(b=2)}
f
1
f(a=1) + g(b=2)
f (a = 1)
f(a=1 , b = [ 1 , 2 ] )
f(\
f(a=\u00e9)
\u00e9(a=1)
f(a=5 .real)
f(a=$1)
f(a=1?)
f(a=`x`)
f(a=1!)
f(a="a
f(a=x.y.z())
f(a=x.y(1).z(2))
f(a=g(x=1)(2))
f(a=g(1)[0])
f(a=g("a'b"), b=g('a"b'), c=g("a'b\"c"), d=g('\n'), e=g('\x00\x7f\u200b\U0001f600'))
f(a=g(1.0, 1e100, 1e-7, 0.1, 123456789012345678901234567890, 1e16, -0.0))
f(a=g(-x, not x, -(-1), (-1) ** 2, -1 ** 2, 2 ** (3 ** 2), (2 ** 3) ** 2, (1 + 2) * 3, 1 - (2 - 3)))
f(a=g(x, ), b=g((1,), (), [], {}, {'a': 1}, {1, 2}))
f(a=1.__class__)
f(a=1..real)
f(a=x[y(1)])
f(a=x[-1])
f(a=x[(1, 2)])
f(a=x[1:])
f(a=x[:])
f(a=x[()])
f(a=x[])
f(a=not not x)
f(a=*x)
f(a=[*x])
f(a=[1 2])
f(a=(1 2))
f(a={1: 2 3})
f(a={1, 2: 3})
f(a={1: 2, 3})
f(a={1: })
f(a=[,])
f(a=2**0.5)
f(a=(-8)**0.5)
f(a='a' in 'b')
f(a=1 if 2)
f(a=1 is not 2)
f(a=not)
f(a=1 not in x)
f(a=not in x)
f(a=async)
f(a=0_1)
f(a=1_)
f(a=1e)
f(a=0x)
f(a=1.e5, b=1.5E-3)
f(a=1if x else 2)
f(a="\
b")
""".strip().split("\n")
