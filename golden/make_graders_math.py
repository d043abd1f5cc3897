"""
Pairs of an expected answer and a reply, with what the official graders of mathematics say of them.

  .cache/graders/bin/python golden/make_graders_math.py EVAL

EVAL is the folder eval/data of the repository QwenLM/QwQ (aime24.jsonl and aime25.jsonl). It writes

  graders/math.jsonl   math-verify's verdicts: [family, expected, reply, right]
  graders/aime.jsonl   lm-eval's, by its task aime24, on all 60 problems: [expected, reply, right]

Expected answers are AIME's sixty and others drawn by a seed, of the kinds that MATH-500 has. Each is said rightly in several
spellings and wrongly by small mutations, within replies of several forms. What is right and wrong here is not known to the
script: the graders decide.
"""

import importlib.util
import json
import pathlib
import random
import sys
from fractions import Fraction

import lm_eval
from math_verify import parse, verify

SEED = 20250306
HERE = pathlib.Path(__file__).resolve().parent
rng = random.Random(SEED)


def frac(p, q, name="frac"):
    """p/q in LaTeX."""
    return f"\\{name}{{{p}}}{{{q}}}"


def near(n):
    """A number that is not n, close to it in value or in writing."""
    return rng.choice([n + 1, n - 1, -n if n else 7, 10 * n + 1, int(str(abs(n))[::-1]) + (n == int(str(abs(n))[::-1]))])


def aime(n):
    right = [str(n), f"{n:03d}", f"{n}.", f"x = {n}", f"{n}.0", f"\\text{{{n}}}", f"{n}^\\circ", f"m+n = {n}", f"\\frac{{{2 * n}}}{{2}}"]
    wrong = [str(near(n)), f"{n}.5", frac(n, 2), f"-{n}", f"{n}, {n + 1}", f"{n}!" if n > 2 else "9"]
    return str(n), right, wrong


def thousands():
    n = rng.randint(1000, 9_999_999)
    s = f"{n:,}"
    return s, [str(n), s, s.replace(",", "{,}"), s.replace(",", "\\,"), s.replace(",", "\\!,"), f"\\${s}"], [str(near(n)), str(n)[:-1], s[:-1]]


def fraction():
    while True:
        f = Fraction(rng.randint(-30, 60), rng.randint(2, 30))
        if f.denominator > 1:
            break
    p, q = f.numerator, f.denominator
    k = rng.randint(2, 6)
    sign, a = ("-", -p) if p < 0 else ("", p)
    right = [frac(p, q), sign + frac(a, q, "dfrac"), sign + frac(a, q, "tfrac"), f"{p}/{q}", frac(p * k, q * k), f"{float(f):.6f}", frac(-p, -q), f"{p} / {q}", f"x={frac(p, q)}"]
    if a > q:
        right.append(f"{sign}{a // q}{frac(a % q, q)}")
    if a < 10 and q < 10:
        right.append(f"{sign}\\frac{a}{q}")
    wrong = [frac(q, p or 1), sign + frac(a + 1, q), frac(-p, q), f"{float(f):.2f}", frac(p, q + 1), f"{p}", f"{float(f):.4f}"]
    return sign + frac(a, q), right, wrong


def radical():
    a, b, c = rng.randint(2, 9), rng.choice([2, 3, 5, 6, 7, 10, 11]), rng.randint(2, 9)
    kind = rng.randint(0, 4)
    if kind == 0:
        return f"{a}\\sqrt{{{b}}}", [f"{a}\\sqrt{{{b}}}", f"\\sqrt{{{a * a * b}}}", f"{a}\\cdot\\sqrt{{{b}}}", f"{a} \\sqrt {b}" if b < 10 else f"{a}\\sqrt{{{b}}}", f"{a}*\\sqrt{{{b}}}", frac(a * b, f"\\sqrt{{{b}}}")], [f"{a}\\sqrt{{{b + 1}}}", f"{b}\\sqrt{{{a}}}", f"\\sqrt{{{a * b}}}", f"-{a}\\sqrt{{{b}}}", f"{a * b ** 0.5:.3f}"]
    if kind == 1:
        g = frac(f"{a}\\sqrt{{{b}}}", c)
        return g, [g, f"{frac(a, c)}\\sqrt{{{b}}}", frac(f"\\sqrt{{{a * a * b}}}", c), f"{a}\\sqrt{{{b}}}/{c}", frac(a * b, f"{c}\\sqrt{{{b}}}")], [frac(f"{a}\\sqrt{{{b}}}", c + 1), frac(f"\\sqrt{{{a * b}}}", c), frac(f"{c}\\sqrt{{{b}}}", a) if a != c else frac("1", 2), f"{a}\\sqrt{{{b}}}"]
    if kind == 2:
        d = b + 4
        g = f"\\sqrt{{{b}}}+\\sqrt{{{d}}}"
        return g, [g, f"\\sqrt{{{d}}} + \\sqrt{{{b}}}", f"\\sqrt{{{b + d}+2\\sqrt{{{b * d}}}}}", f"\\sqrt{{{d}}}+\\sqrt{{{b}}}"], [f"\\sqrt{{{b + d}}}", f"\\sqrt{{{b}}}-\\sqrt{{{d}}}", f"\\sqrt{{{b}}}+\\sqrt{{{d + 1}}}"]
    if kind == 3:
        g = f"{a}+{c}\\sqrt{{{b}}}"
        return g, [g, f"{c}\\sqrt{{{b}}}+{a}", f"{a} + \\sqrt{{{c * c * b}}}", f"\\left({a}+{c}\\sqrt{{{b}}}\\right)"], [f"{a}-{c}\\sqrt{{{b}}}", f"{a + 1}+{c}\\sqrt{{{b}}}", f"{a + c}\\sqrt{{{b}}}"]
    g = f"\\sqrt[3]{{{a}}}"
    return g, [g, f"{a}^{{1/3}}", f"{a}^{{\\frac{{1}}{{3}}}}", f"\\sqrt[3]{{{8 * a}}}/2"], [f"\\sqrt{{{a}}}", f"\\sqrt[3]{{{a + 1}}}", f"3\\sqrt{{{a}}}", f"\\sqrt[4]{{{a}}}"]


def pi():
    a, b = rng.randint(2, 40), rng.choice([2, 3, 4, 5, 6, 7, 8])
    g = frac(f"{a}\\pi", b)
    return g, [g, f"{frac(a, b)}\\pi", f"{a}\\pi/{b}", f"\\pi\\cdot{frac(a, b)}", frac(f"{2 * a}\\pi", 2 * b), frac(f"{a} \\pi", b, "dfrac")], [frac(a, b), frac(f"{a}\\pi", b + 1), frac(f"{a}", f"{b}\\pi"), f"{a * 3.14 / b:.2f}", frac(f"{a}\\pi^2", b), f"-{g}"]


def ends():
    return rng.randint(-9, 2), rng.randint(3, 12)


def interval():
    a, b = ends()
    l, r = rng.choice("(["), rng.choice(")]")
    g = f"{l}{a},{b}{r}"
    right = [g, f"\\left{l}{a}, {b}\\right{r}", f"{l} {a} , {b} {r}", f"x \\in {l}{a},{b}{r}", f"\\left{l}{frac(2 * a, 2)},{b}\\right{r}"]
    other = {"(": "[", "[": "(", ")": "]", "]": ")"}
    return g, right, [f"{other[l]}{a},{b}{r}", f"{l}{a},{b}{other[r]}", f"{l}{a},{b + 1}{r}", f"{l}{a - 1},{b}{r}", f"{l}{b},{a}{r}"]


def infinite():
    a, b = ends()
    g = f"(-\\infty,{a})\\cup({b},\\infty)"
    right = [g, f"(-\\infty, {a}) \\cup ({b}, \\infty)", f"\\left(-\\infty,{a}\\right)\\cup\\left({b},+\\infty\\right)", f"({b},\\infty)\\cup(-\\infty,{a})", f"x\\in(-\\infty,{a})\\cup({b},\\infty)"]
    return g, right, [f"(-\\infty,{a}]\\cup({b},\\infty)", f"(-\\infty,{a})\\cap({b},\\infty)", f"({a},{b})", f"(-\\infty,{a})", f"(-\\infty,{a + 1})\\cup({b},\\infty)"]


def several():
    items = rng.sample(range(-20, 40), rng.randint(2, 5))
    other = items[:]
    rng.shuffle(other)
    text = [str(i) for i in items]
    g = rng.choice([",".join(text), "\\{" + ",".join(text) + "\\}", ", ".join(text)])
    mixed = [str(i) for i in other]
    right = [", ".join(mixed), "\\{" + ", ".join(mixed) + "\\}", ",".join(text), " and ".join([", ".join(text[:-1]), text[-1]]), "\\left\\{" + ",".join(text) + "\\right\\}", "x=" + ",".join(text)]
    changed = text[:-1] + [str(near(items[-1]))]
    return g, right, [", ".join(text[:-1]), ", ".join(text + ["99"]), ",".join(changed), "\\{" + ",".join(changed) + "\\}", text[0]]


def point():
    a, b, c = rng.randint(-9, 9), rng.randint(2, 9), rng.randint(-9, 9)
    values = [str(a), frac(1, b), str(c)][: rng.choice([2, 3])]
    g = "(" + ",".join(values) + ")"
    back = values[::-1]
    right = [g, "\\left(" + ", ".join(values) + "\\right)", "( " + " , ".join(values) + " )", "(" + ", ".join(v.replace("frac", "dfrac") for v in values) + ")", "(" + ",".join(f"{1 / b:.6f}" if "frac" in v else v for v in values) + ")"]
    return g, right, ["(" + ",".join(back) + ")", "[" + ",".join(values) + "]", "(" + ",".join(values[:-1] + [frac(1, b + 1)]) + ")", "(" + ",".join(values + ["0"]) + ")", ",".join(values[:-1])]


def matrix():
    n, m = rng.choice([(2, 2), (2, 1), (3, 1), (2, 3)])
    cells = [[rng.randint(-9, 9) for _ in range(m)] for _ in range(n)]

    def tex(rows, env, sep=" \\\\ ", amp=" & "):
        return f"\\begin{{{env}}} " + sep.join(amp.join(str(c) for c in row) for row in rows) + f" \\end{{{env}}}"

    changed = [row[:] for row in cells]
    changed[-1][-1] += 1
    turned = [list(row) for row in zip(*cells)]
    halves = [[frac(2 * c, 2) for c in row] for row in cells]
    g = tex(cells, "pmatrix")
    right = [g, tex(cells, "bmatrix"), tex(cells, "pmatrix", "\\\\", "&"), tex(halves, "pmatrix"), "\\left( " + tex(cells, "matrix") + " \\right)"]
    return g, right, [tex(changed, "pmatrix"), tex([[-c for c in row] for row in changed], "bmatrix"), tex(turned, "pmatrix") if turned != cells else tex(changed, "bmatrix"), str(cells[0][0])]


def percent():
    n = rng.randint(2, 99)
    g = rng.choice([f"{n}\\%", f"{n}"])
    right = [f"{n}\\%", f"{n}%", str(n), f"{n} \\%", f"{n}\\text{{ percent}}", f"{n / 100}" if "%" in g else f"{n}.0"]
    return g, right, [f"{n + 1}\\%", f"0.{n}5", f"{n / 1000}", f"{n}0\\%", f"-{n}\\%"]


def units():
    n, unit = rng.randint(2, 500), rng.choice(["cm", "meters", "inches", "square units", "minutes", "degrees", "feet", "dollars", "km", "apples", "ft", "hours"])
    power = rng.choice(["", "", "^2", "^3"]) if unit in ("cm", "feet", "km", "ft") else ""
    g = rng.choice([str(n), f"{n}\\text{{ {unit}}}{power}"])
    right = [f"{n}\\text{{ {unit}}}{power}", f"{n} \\text{{{unit}}}", str(n), f"{n}\\ \\mathrm{{{unit}}}", f"{n}\\,\\text{{{unit}}}{power}", f"{n} \\mbox{{ {unit}}}"]
    return g, right, [f"{n + 1}\\text{{ {unit}}}", f"{n}0\\text{{ {unit}}}", f"-{n}", f"{n}.5 \\text{{ {unit}}}"]


def line():
    a, b = rng.randint(2, 9), rng.randint(1, 9)
    g = f"y={a}x+{b}"
    right = [g, f"y = {a}x + {b}", f"y={b}+{a}x", f"{a}x+{b}", f"y-{a}x-{b}=0", f"y = {a}\\left(x+{frac(b, a)}\\right)", f"{a}x - y + {b} = 0"]
    return g, right, [f"y={a}x-{b}", f"y={a + 1}x+{b}", f"y={b}x+{a}" if a != b else "y=x", f"x={a}y+{b}", f"y={a}x", f"{a}x-y-{b}=0"]


def polynomial():
    a, b = rng.randint(-7, 7) or 2, rng.randint(1, 9)
    x = rng.choice("xyn")
    s, p = a + b, a * b

    def term(c, t):
        return "" if c == 0 else f"{'+' if c > 0 else '-'}{'' if abs(c) == 1 and t else abs(c)}{t}"

    g = f"{x}^2{term(s, x)}{term(p, '')}"
    right = [g, f"({x}{term(a, '')})({x}{term(b, '')})", f"({x}{term(b, '')})({x}{term(a, '')})", f"{x}^{{2}}{term(p, '')}{term(s, x)}", f"{x}({x}{term(s, '')}){term(p, '')}" if s else g, f"\\left({x}{term(a, '')}\\right)\\left({x}{term(b, '')}\\right)"]
    return g, right, [f"{x}^2{term(-s, x)}{term(p, '')}", f"({x}{term(-a, '')})({x}{term(b, '')})", f"{x}^3{term(s, x)}{term(p, '')}", f"{x}^2{term(s, x)}{term(p + 1, '')}", f"z^2{term(s, 'z')}{term(p, '')}"]


def rational():
    a, b = rng.randint(1, 9), rng.randint(2, 9)
    g = frac(f"x+{a}", f"x-{b}")
    right = [g, frac(f"{a}+x", f"-{b}+x"), f"1+{frac(a + b, f'x-{b}')}", f"(x+{a})/(x-{b})", f"-{frac(f'x+{a}', f'{b}-x')}", frac(f"2x+{2 * a}", f"2x-{2 * b}")]
    return g, right, [frac(f"x-{a}", f"x-{b}"), frac(f"x-{b}", f"x+{a}"), frac(f"x+{a}", f"x+{b}"), f"x+{a}", frac(f"x+{a + 1}", f"x-{b}")]


def words():
    all_words = ["Tuesday", "even", "odd", "Evelyn", "parabola", "ellipse", "increasing", "No", "Yes", "true", "isosceles", "hyperbola", "red", "no solution", "two circles", "East", "point"]
    w = rng.choice(all_words)
    v = rng.choice([x for x in all_words if x.lower() != w.lower()])
    g = f"\\text{{{w}}}"
    right = [g, f"\\textbf{{{w}}}", f"\\mathrm{{{w}}}", f"\\text{{ {w} }}", f"\\text{{{w.lower()}}}", w, f"\\text{{{w}.}}"]
    return g, right, [f"\\text{{{v}}}", v, "5", f"\\text{{not {w}}}"]


def letter():
    w = rng.choice("ABCDEFGH")
    v = rng.choice([x for x in "ABCDEFGH" if x != w])
    return rng.choice([w, f"\\text{{{w}}}", f"\\text{{({w})}}"]), [w, f"\\text{{{w}}}", f"\\textbf{{({w})}}", f"({w})", f"\\mathrm{{{w}}}"], [v, f"\\text{{{v}}}", f"\\textbf{{({v})}}", f"{w}{v}"]


def complexes():
    a, b = rng.randint(1, 9), rng.randint(2, 9)
    g = f"{a}+{b}i"
    return g, [g, f"{b}i+{a}", f"{a} + {b}i", f"{a}+{b}\\cdot i", f"\\left({a}+{b}i\\right)"], [f"{a}-{b}i", f"{b}+{a}i" if a != b else "1", f"{a}+{b}", f"-{a}+{b}i", f"{b}i"]


def inequality():
    a = rng.randint(-9, 9)
    s, t = rng.choice([("<", ">"), (">", "<"), ("\\le", "\\ge"), ("\\geq", "\\leq")])
    g = f"x {s} {a}"
    other = {"<": "\\le", ">": "\\ge", "\\le": "<", "\\geq": ">"}
    up = s in (">", "\\geq")
    o, c = ("[" if s == "\\geq" else "("), ("]" if s == "\\le" else ")")
    as_set = f"{o}{a},\\infty{c}" if up else f"{o}-\\infty,{a}{c}"
    right = [g, f"x{s} {a}", f"{a} {t} x", as_set, f"x - {a} {s} 0" if a >= 0 else g, f"2x {s} {2 * a}"]
    return g, right, [f"x {other[s]} {a}", f"x {t} {a}", f"x {s} {a + 1}", f"{a} {s} x", f"x = {a}"]


def between():
    a, b = ends()
    g = f"{a} < x < {b}"
    return g, [g, f"{a}<x<{b}", f"({a},{b})", f"{b} > x > {a}"], [f"{a} \\le x < {b}", f"{a} < x < {b + 1}", f"[{a},{b}]", f"{a} < x"]


def power():
    kind = rng.randint(0, 4)
    if kind == 0:
        a, n = rng.randint(2, 12), rng.randint(2, 9)
        return f"{a}^{{{n}}}", [str(a**n), f"{a}^{{{n}}}", f"{a}\\cdot {a}^{{{n - 1}}}", f"{a**n:,}"], [str(a**n + 1), f"{n}^{{{a}}}" if a != n and {a, n} != {2, 4} else "7", f"{a}^{{{n + 1}}}", str(a * n)]
    if kind == 1:
        a, n = rng.randint(2, 9), rng.randint(2, 8)
        return f"{a}\\times 10^{{{n}}}", [f"{a}\\cdot 10^{{{n}}}", str(a * 10**n), f"{a * 10}\\times10^{{{n - 1}}}", f"{a}.0 \\times 10^{n}"], [f"{a}\\times 10^{{{n + 1}}}", f"{a}\\times 10^{{-{n}}}", str(a * 10 ** (n - 1))]
    if kind == 2:
        n = rng.randint(4, 12)
        f = 1
        for i in range(2, n + 1):
            f *= i
        return f"{n}!", [str(f), f"{n}!", f"{n}\\cdot {n - 1}!"], [f"{n - 1}!", str(f + 1), str(n)]
    if kind == 3:
        n, k = rng.randint(5, 14), rng.randint(2, 4)
        import math

        return f"\\binom{{{n}}}{{{k}}}", [str(math.comb(n, k)), f"\\binom{{{n}}}{{{n - k}}}", f"\\dbinom{{{n}}}{{{k}}}", frac(f"{n}!", f"{k}!{n - k}!")], [str(math.comb(n, k) + 1), f"\\binom{{{n + 1}}}{{{k}}}", str(n**k)]
    a, k = rng.randint(2, 5), rng.randint(2, 6)
    return str(k), [f"\\log_{{{a}}} {a**k}", f"\\log_{{{a}}}({a**k})", str(k)], [f"\\log_{{{a}}} {a ** (k + 1)}", f"\\ln {a**k}", str(k + 1)]


def functions():
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    return rng.choice(
        [
            (f"\\ln {a}", [f"\\ln {a}", f"\\ln({a})", f"\\ln{{{a}}}", f"\\log_e {a}"], [f"\\ln {a + 1}", f"\\log_2 {a}", f"{a}", f"-\\ln {a}"]),
            (f"e^{{{a}}}", [f"e^{a}", f"e^{{{a}}}", f"\\exp({a})", f"\\mathrm{{e}}^{{{a}}}"], [f"e^{{{a + 1}}}", f"{a}^e", f"e^{{-{a}}}", f"{a}e"]),
            (f"\\sin {a}x", [f"\\sin({a}x)", f"\\sin {a}x", f"\\sin\\left({a}x\\right)"], [f"\\cos {a}x", f"{a}\\sin x", f"\\sin {a + 1}x"]),
            (f"\\ln {a}+\\ln {b}", [f"\\ln {a * b}", f"\\ln({a * b})", f"\\ln {b}+\\ln {a}"], [f"\\ln {a + b}", f"\\ln {a * b + 1}", f"{a * b}"]),
            (f"{a}^x", [f"{a}^x", f"{a}^{{x}}", f"e^{{x\\ln {a}}}"], [f"x^{a}", f"{a + 1}^x", f"{a}x", f"{a}^{{-x}}"]),
            (f"\\tan^2 x", ["\\tan^2 x", "\\tan^2(x)", "(\\tan x)^2", "\\frac{\\sin^2 x}{\\cos^2 x}", "\\sec^2 x - 1"], ["\\tan x", "\\tan x^2", "\\cot^2 x", "\\tan^2 x + 1"]),
        ]
    )


def assignment():
    a, b = rng.randint(-20, 90), rng.randint(-20, 90)
    kind = rng.randint(0, 2)
    if kind == 0:
        return str(a), [f"x={a}", f"x = {a}", f"f(2) = {a}", f"a_1 = {a}", f"n={a}"], [f"x={near(a)}", f"x={a}+1", f"x = {a}y"]
    if kind == 1:
        return f"x={a}", [str(a), f"x={a}", f"x = {a}.0", f"2x={2 * a}"], [f"y={a}", f"x={near(a)}", f"{near(a)}"]
    return f"x={a},y={b}", [f"x={a},y={b}", f"x = {a}, y = {b}", f"x={a} \\text{{ and }} y={b}", f"x={a}, \\quad y={b}"], [f"x={b},y={a}" if a != b else "3", f"x={a}", f"x={a},y={near(b)}"]


def plus_minus():
    a, b = rng.randint(2, 12), rng.choice([2, 3, 5, 7])
    g = f"{a}\\pm\\sqrt{{{b}}}"
    return g, [g, f"{a} \\pm \\sqrt{{{b}}}", f"{a}+\\sqrt{{{b}}}, {a}-\\sqrt{{{b}}}", f"\\{{{a}-\\sqrt{{{b}}},{a}+\\sqrt{{{b}}}\\}}"], [f"{a}+\\sqrt{{{b}}}", f"{a + 1}\\pm\\sqrt{{{b}}}", f"{a}\\pm\\sqrt{{{b + 1}}}", f"{a}"]


def money():
    d, c = rng.randint(1, 200), rng.randint(10, 99)
    g = f"{d}.{c}"
    return rng.choice([g, f"\\${g}"]), [g, f"\\${g}", f"{g}0", f"{g}\\text{{ dollars}}", f"${g}"], [f"{d}.{c - 1}", str(d), f"{d + 1}.{c}", f"{d}{c}"]


def indexed():
    n = rng.randint(2, 9)
    return rng.choice(
        [
            (f"x_1+{n}x_2", [f"x_1+{n}x_2", f"{n}x_{{2}}+x_{{1}}", f"x_{{1}} + {n} x_2"], [f"x_2+{n}x_1", f"x_1-{n}x_2", f"x_1+{n}x_3"]),
            (f"{n}\\alpha\\beta", [f"{n}\\beta\\alpha", f"{n} \\alpha \\beta", f"\\alpha\\beta\\cdot{n}"], [f"{n}\\alpha", f"{n + 1}\\alpha\\beta", f"{n}\\alpha\\gamma"]),
            (f"\\frac{{ab}}{{{n}}}", [f"\\frac{{ba}}{{{n}}}", f"ab/{n}", f"\\frac{{1}}{{{n}}}ab"], [f"\\frac{{ab}}{{{n + 1}}}", f"\\frac{{a}}{{{n}b}}", f"\\frac{{a+b}}{{{n}}}"]),
            (f"n(n+{n})", [f"n^2+{n}n", f"n(n+{n})", f"(n+{n})n"], [f"n^2+{n}", f"n(n-{n})", f"2n+{n}"]),
        ]
    )


FAMILIES = [thousands, fraction, fraction, radical, radical, pi, interval, infinite, several, point, matrix, percent, units, line, polynomial, rational, words, letter, complexes, inequality, between, power, functions, assignment, plus_minus, money, indexed]
ROUNDS = 9

FORMS = [
    lambda a: f"So we are done. The final answer is $\\boxed{{{a}}}$.",
    lambda a: f"\\boxed{{{a}}}",
    lambda a: f"**Final Answer**\n\\[ \\boxed{{{a}}} \\]",
    lambda a: f"First, $\\boxed{{7}}$ of them are left out, as was shown above and needs no more words here at all.\n\nTherefore, we get\n\\[\\boxed{{{a}}}\\]",
    lambda a: f"Let us add up: $1+1=2$. Hence the answer is $\\boxed{{{a}}}$",
]
PLAIN = [
    lambda a: f"We find that the final answer is ${a}$. I hope it is correct.",
    lambda a: f"After simplification, the answer is ${a}$.",
    lambda a: f"Answer: ${a}$",
    lambda a: f"So it comes to\n\\[{a}\\]",
]
BARE = [lambda a: f"The answer is {a}.", lambda a: f"Answer: {a}", lambda a: f"Therefore she has {a}", lambda a: f"We have 3 and 4 of them.\n#### {a}"]


def cases(eval_folder):
    for name in ("aime24", "aime25"):
        for row in (eval_folder / f"{name}.jsonl").read_text().splitlines():
            yield "aime", aime(int(json.loads(row)["answer"]))
    for family in FAMILIES:
        for _ in range(ROUNDS):
            yield family.__name__, family()


def pairs(eval_folder):
    for family, (gold, right, wrong) in cases(eval_folder):
        said = rng.sample(right, min(5, len(right))) + rng.sample(wrong, min(4, len(wrong)))
        for answer in dict.fromkeys(said):
            kind = rng.random()
            simple = answer.replace("/", "").replace(",", "").replace(".", "").replace("-", "").isdigit()
            forms = BARE if simple and kind < 0.25 else PLAIN if kind < 0.4 and "$" not in answer else FORMS
            yield family, gold, rng.choice(forms)(answer)


def official_aime():
    """lm-eval's own scorer, from its task's folder."""
    path = pathlib.Path(lm_eval.__file__).parent / "tasks/aime/utils.py"
    spec = importlib.util.spec_from_file_location("lm_eval_aime", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda gold, reply: module.process_results({"Answer": str(gold)}, [reply])["exact_match"] == 1


AIME_FORMS = [
    lambda a: f"The final answer is $\\boxed{{{a}}}$.",
    lambda a: f"\\[\\boxed{{{a}}}\\]",
    lambda a: f"With $m=3$ and $n=7$ we are nearly done: $\\boxed{{10}}$ is the sum, so that after all of it\n\n**Final Answer**\n\\[\n\\boxed{{{a}}}\n\\]",
    lambda a: f"\\boxed{{ {a} }}",
    lambda a: f"so $N = \\boxed{{{a}}}$ and nothing else.",
    lambda a: f"\\boxed{{N={a}}}",
]


def aime_pairs(eval_folder):
    for name in ("aime24", "aime25"):
        for row in (eval_folder / f"{name}.jsonl").read_text().splitlines():
            n = int(json.loads(row)["answer"])
            for form in AIME_FORMS:
                yield n, form(n)
            for wrong in (n + 1, 2 * n + 3, n + 1000):
                yield n, rng.choice(AIME_FORMS)(wrong)
            yield n, "I could not find it, so there is none."


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    print(f"{path.stat().st_size:>9,}  {path.relative_to(HERE)}  {len(rows)} rows, {sum(row[-1] for row in rows)} right", file=sys.stderr)


def main():
    folder = pathlib.Path(sys.argv[1])
    seen = list(dict.fromkeys(pairs(folder)))
    write(HERE / "graders/math.jsonl", [[f, g, r, bool(verify(parse(f"${g}$"), parse(r)))] for f, g, r in seen])
    grade = official_aime()
    write(HERE / "graders/aime.jsonl", [[g, r, grade(g, r)] for g, r in dict.fromkeys(aime_pairs(folder))])


if __name__ == "__main__":
    main()
