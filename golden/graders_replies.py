"""
Replies to IFEval's prompts, made without a model: some that do all that is asked, some that break it, some that stand at
the edge of what a grader takes for a line, a word or a sentence.
"""

import json
import random

SENTENCES = """
The morning train to the harbour was late again, and nobody on the platform seemed surprised.
Dr. Alvarez measured the depth of the well twice and wrote down 12.5 metres.
I don't think we'll finish before noon, but we can't stop now.
Mrs. Okafor lives at No. 7, next to the old U.S. consulate.
"Is it far?" she asked, and the guide said "No."
The committee (which met on Jan. 3) could not agree on a date.
Prices rose by 3.2% in the second quarter, e.g. for bread and milk.
Wait... is that really the last of the oranges?
They met J. S. Bach's great-grandson at approx. 5 p.m. on the stairs.
What a view! Nobody had told us about the lake.
Our neighbour's dog barks at bicycles, trams and the postman.
Please send the report to info@example.org or see https://example.org/a,b for details.
Apples, pears and plums were sold out by ten o'clock.
The U.N. sent two observers. One of them spoke Welsh.
NASA and the EU signed the paper on 4 May.
He said it was fine; she said it wasn't.
Snow fell all night -- the road to the village was closed.
You can choose between A, B and C.
The answer isn't simple, it's "it depends".
Bring a coat, a torch, some water, etc. The hut has no light.
A small boat came in with the tide; its name was Hope & Glory.
My brother's friends' car broke down near St. Ives.
Version 2.0.1 was released on Monday. version 3 is not planned.
The teacher asked: who can name three rivers?
It cost $3.50, or about 3 euros.
Nobody knows why 'twas left there.
I wanna go home, but I cannot leave yet.
The king (Henry VIII.) had six wives.
We saw foxes, hares and one owl in the wood behind the mill.
In other words: the plan works, if everyone helps.
""".strip().split("\n")

PLAIN = [s for s in SENTENCES if "," not in s and '"' not in s]
SPACES = ["\u00a0", "\u2028", "\x1c", "\x85", "\ufeff", "\u200b", "\r\n", "\t", "\u3000"]


class Composer:
    """Builds replies to one prompt; every choice comes from `draw`."""

    def __init__(self, draw: random.Random, languages: dict[str, list[str]]):
        self.draw = draw
        self.languages = languages

    def sentences(self, count: int) -> list[str]:
        """So many sentences, or about."""
        return [self.draw.choice(SENTENCES) for _ in range(count)]

    def good(self, prompt: str, ids: list[str], kwargs: list[dict]) -> str:
        """A reply that tries to do all that is asked."""
        asked = dict(zip(ids, kwargs))
        body = self.body(asked)
        for name in self.ORDER:
            if name in asked:
                body = getattr(self, name.split(":")[1])(body, asked[name], prompt)
        return body

    # what is done to the whole comes after what is done to its parts
    ORDER = [
        "keywords:existence",
        "keywords:frequency",
        "keywords:letter_frequency",
        "change_case:capital_word_frequency",
        "detectable_content:number_placeholders",
        "detectable_format:number_highlighted_sections",
        "detectable_format:number_bullet_lists",
        "detectable_format:constrained_response",
        "detectable_format:multiple_sections",
        "detectable_format:title",
        "length_constraints:number_paragraphs",
        "length_constraints:nth_paragraph_first_word",
        "combination:two_responses",
        "language:response_language",
        "detectable_content:postscript",
        "keywords:forbidden_words",
        "startend:end_checker",
        "combination:repeat_prompt",
        "change_case:english_capital",
        "change_case:english_lowercase",
        "punctuation:no_comma",
        "detectable_format:json_format",
        "startend:quotation",
    ]

    def body(self, asked: dict[str, dict]) -> str:
        """Sentences as long and as many as is asked for."""
        count = self.draw.randint(2, 8)
        limits = asked.get("length_constraints:number_sentences")
        if limits:
            most = limits["num_sentences"]
            count = most + self.draw.randint(0, 2) if limits["relation"] == "at least" else max(1, most - self.draw.randint(1, 3))
        parts = self.sentences(min(count, 40))
        limits = asked.get("length_constraints:number_words")
        if limits:
            wanted = limits["num_words"]
            if limits["relation"] == "at least":
                while sum(len(part.split()) for part in parts) < min(wanted, 700):
                    parts.append(self.draw.choice(SENTENCES))
            else:
                while len(parts) > 1 and sum(len(part.split()) for part in parts) >= wanted:
                    parts.pop()
        lines, line = [], []
        for part in parts:
            line.append(part)
            if self.draw.random() < 0.3:
                lines.append(" ".join(line))
                line = []
        return "\n".join([*lines, " ".join(line)]).strip()

    def existence(self, body, args, _):
        return body + "\n" + " ".join(f"Here is {word}." for word in args["keywords"])

    def frequency(self, body, args, _):
        count = args["frequency"] - (1 if args["relation"] == "less than" else 0) - self.draw.choice([0, 0, 1])
        word = args["keyword"]
        return body + "\n" + " ".join(self.draw.choice([word, word.upper(), word.title()]) for _ in range(count))

    def letter_frequency(self, body, args, _):
        letter = args["letter"]
        if args["let_relation"] == "less than":
            keep = args["let_frequency"] - self.draw.choice([0, 1, 1])
            out = ""
            for character in body:
                if character.lower() == letter.lower():
                    keep -= 1
                    if keep < 0:
                        continue
                out += character
            return out
        return body + "\n" + letter * args["let_frequency"]

    def capital_word_frequency(self, body, args, _):
        words = ["STOP", "I", "A1", "O'NEIL", "X-RAY", "NATO.", "(NOW)", "\u00dcBER", "U.S.", "DON'T"]
        count = args["capital_frequency"] - (self.draw.randint(0, 8) if args["capital_relation"] == "less than" else self.draw.randint(-2, 4))
        return body + "\n" + " ".join(self.draw.choice(words) for _ in range(max(0, min(count, 60))))

    def number_placeholders(self, body, args, _):
        marks = ["[name]", "[address]", "[]", "[[x]]", "[a\nb]", "[date"]
        return body + "\n" + " ".join(self.draw.choice(marks[:3] * 4 + marks) for _ in range(args["num_placeholders"]))

    def number_highlighted_sections(self, body, args, _):
        marks = ["*one thing*", "**two things**", "***three***", "* *", "*\n*", "**bold* half*"]
        return body + "\n" + "\n".join(self.draw.choice(marks[:2] * 3 + marks) for _ in range(args["num_highlights"]))

    def number_bullet_lists(self, body, args, _):
        marks = ["* point", "- point", "  * point", "\t- point", "*\tpoint", "** bold **", "+ point", "*point", "-", "*"]
        return body + "\n" + "\n".join(self.draw.choice(marks[:3] * 5 + marks) for _ in range(args["num_bullets"]))

    def constrained_response(self, body, _, __):
        return self.draw.choice(["My answer is yes.", "My answer is no.", " My answer is maybe. ", "My answer is Yes.", "My answer is no", body + " My answer is no."])

    def multiple_sections(self, body, args, _):
        word = args["section_spliter"]
        count = args["num_sections"] - self.draw.choice([0, 0, 0, 1])
        return "\n".join(f"{word}{self.draw.choice([' ', ' ', '', '  '])}{index + 1}{self.draw.choice([':', '', chr(10)])} {self.draw.choice(SENTENCES)}" for index in range(count))

    def title(self, body, _, __):
        return self.draw.choice(["<<a title>>", "<<a title>>", "<< >>", "<<>>", "<<<x>>>", "<<two\nlines>>", "< <x> >"]) + "\n" + body

    def number_paragraphs(self, body, args, _):
        count = max(1, args["num_paragraphs"] - self.draw.choice([0, 0, 0, 1]))
        mark = self.draw.choice(["\n***\n", "***", "\n\n***\n\n", " *** "])
        text = mark.join(self.draw.choice(SENTENCES) for _ in range(count))
        return self.draw.choice([text, text, "***\n" + text, text + "\n***", text.replace(mark, mark + mark, 1)])

    def nth_paragraph_first_word(self, body, args, _):
        count = args["num_paragraphs"] - self.draw.choice([0, 0, 0, 1])
        paragraphs = [self.draw.choice(SENTENCES) for _ in range(count)]
        nth = args["nth_paragraph"] - 1
        if nth < len(paragraphs):
            word = args["first_word"]
            paragraphs[nth] = self.draw.choice([word, word.title(), f'"{word}"', f"'{word},", word + "'s", word + "-like"]) + " " + paragraphs[nth]
        return self.draw.choice(["\n\n", "\n\n", "\n\n", "\n\n\n", "\n \n", "\n\n\n\n"]).join(paragraphs)

    def two_responses(self, body, _, __):
        other = " ".join(self.sentences(2))
        return self.draw.choice([f"{body}\n******\n{other}", f"{body}******{other}", f"******{body}\n******\n{other}******", f"{body}\n******\n{body}", f"{body}\n*****\n{other}", f"{body}\n******\n\n******\n{other}"])

    def response_language(self, body, args, _):
        texts = self.languages.get(args["language"], self.languages["en"])
        return "\n".join(self.draw.sample(texts, self.draw.randint(1, len(texts))))

    def postscript(self, body, args, _):
        marks = [args["postscript_marker"]] * 3 + ["P.S.", "p.s.", "P.P.S", "P. P. S.", "P.S", "PS", "P.\u00a0S."]
        return body + "\n\n" + self.draw.choice(marks) + " Bring the keys."

    def forbidden_words(self, body, args, _):
        words = args["forbidden_words"]
        if self.draw.random() < 0.6:
            return body
        word = self.draw.choice(words)
        return body + "\n" + self.draw.choice([word, word.upper(), word + "s", "x" + word, f"({word})", word + "_", word + "\u0301"])

    def end_checker(self, body, args, _):
        end = args["end_phrase"]
        return body + "\n" + self.draw.choice([end, end, end.upper(), end + '"', end + " ", end + ".", end[:-1]])

    def repeat_prompt(self, body, args, _):
        text = args["prompt_to_repeat"]
        return self.draw.choice([text, text, text.upper(), "\n" + text, "> " + text, text.replace(" ", "  ", 1), text[1:]]) + "\n" + body

    def english_capital(self, body, _, __):
        return self.draw.choice([body.upper(), body.upper(), body.upper() + " \u00df", body])

    def english_lowercase(self, body, _, __):
        return self.draw.choice([body.lower(), body.lower(), body.lower() + " \u01c5", body])

    def no_comma(self, body, _, __):
        return self.draw.choice([body.replace(",", ""), body.replace(",", ""), body.replace(",", "\uff0c"), body])

    def json_format(self, body, _, __):
        text = json.dumps({"answer": body})
        forms = [text, f"```json\n{text}\n```", f"```\n{text}\n```", f"```JSON\n{text}```", text[:-1], text + text, "{'a': 1}", '{"a": NaN}', '{"a": 01}', '{"a": 1,}', "[]", '"x"', "12", '{"a": "\t"}', '{"a": 1, "a": 2}', "\ufeff" + text, text.replace('"', "\u201c")]
        return self.draw.choice([text, forms[1], forms[2], *forms])

    def quotation(self, body, _, __):
        return self.draw.choice([f'"{body}"', f'"{body}"', f' "{body}"\n', f'"{body}', f"\u201c{body}\u201d", f"'{body}'", '"'])

    def changed(self, reply: str) -> str:
        """The reply with something done to it."""
        lines = reply.split("\n")
        draw = self.draw
        changes = [
            lambda: "\n".join(lines[1:]),
            lambda: "\n".join(lines[:-1]),
            lambda: "Sure, here it is:\n" + reply,
            lambda: reply + "\n\nI hope this helps!",
            lambda: "Of course!\n\n" + reply + "\n\n*Let me know.*",
            lambda: f"**{reply}**",
            lambda: reply.replace("*", ""),
            lambda: reply.lower(),
            lambda: reply.upper(),
            lambda: reply.replace(" ", draw.choice(SPACES), 3),
            lambda: reply.replace("\n", draw.choice(["\r\n", "\n\n", " ", "\u2028"])),
            lambda: reply.replace(". ", draw.choice([".", ".\n", ".\u00a0", ". . ", "... ", ".) ", '." '])),
            lambda: "".join(line + "\n" for line in lines if draw.random() < 0.6),
            lambda: "".join(c for c in reply if draw.random() > 0.02),
            lambda: reply[: draw.randint(0, len(reply))],
            lambda: reply + "\n" + draw.choice(self.languages[draw.choice(sorted(self.languages))]),
            lambda: "> " + reply.replace("\n", "\n> "),
            lambda: "\n".join("- " + line for line in lines),
        ]
        return draw.choice(changes)()


EDGES = [
    "",
    " ",
    "\n",
    ".",
    "...",
    "!!! ???",
    "a",
    "A",
    "1",
    "*",
    "**",
    "***",
    "****",
    "******",
    "*******",
    "* *\n** **\n*** ***",
    "a ****** b",
    "a******a ",
    "[[[[",
    "[a][b] [c\n] [d",
    "<<a>>",
    "<<>> <<<<b>>>>",
    "<<a\n>>",
    "{}",
    "[1, 2.5e3, -0, null, true]",
    '{"a": [1, {"b": "\\ud800"}]}',
    "-Infinity",
    "``````",
    "```json```",
    '"',
    '""',
    '"a"',
    ' "a, b" ',
    "p.s. x",
    "P.\tS. x",
    "p.p.s x P.P.S x",
    "Section 1 SECTION 2 section 3 Section\u0664",
    "Day 1\nDay 2 PARAGRAPH 1",
    "My answer is yes. My answer is no.",
    "one\n\ntwo\n\n\n\nthree",
    "\n\none\n\ntwo\n\n",
    "'\"one\" two",
    "- a\n* b\n*\n\n* c\n ** d\n*e*\n\n\n  - f\n",
    "\u00a0* a\n\u2028- b\n\x1c- c",
    "*\n*\n*\n",
    "Hello.World. hello.world",
    "Mr. Smith. Dr. No. U.S. The end.",
    "It is 5 p.m. Now we go. It was 10 a.m. on Jan. 3. He left.",
    "He said \"Stop!\" Then he left. (He came back.) 'Why?' she asked.",
    "Is it?! Yes... No... maybe. . . . Ok. 3. 4. 5.",
    "A. B. C. Clark met I. The J. Bach. x. Y",
    "one.two.three.\u00a0Four.\u2003Five.\u3000Six",
    "\u201cYes.\u201d \u2018No.\u2019 \u00abOui.\u00bb -- Done.--Next.",
    "e.g. this, i.e. that, etc. And so on. vs. them, No. 5, approx. ten.",
    "I AM HERE. SHE ISN'T. DON'T STOP! (NOW) 'TIS \"OK\" U.S.A. A1 B-2 C_3",
    "\u00dcBER \u01c5UNGLA \u2160\u2161 \u24b6\u24b7 \u1e9eTRASSE \u0130ST",
    "CANNOT GIMME WANNA GONNA 'TWAS D'YE MORE'N",
    "A,B:C;D 1,000 A:1 \"A\" ''B'' ``C`` A--B A\u2014B A/B A&B",
    "\u0130i\u0131I \u017fs \u212ak \u00b5\u03bc \u03c3\u03c2\u03a3",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e\u0964 \u092f\u0939 \u090f\u0915 \u0935\u093e\u0915\u094d\u092f \u0939\u0948\u0964",
    "\u4f60\u597d\u3002\u4e16\u754c\uff01\u8fd9\u662f\u4e00\u53e5\u8bdd\u3002",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01",
    "12345 !!! 67890",
    "https://example.org/a-long-address someone@example.org",
    "the quick brown fox jumps over the lazy dog and runs away into the forest",
    "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG AND RUNS AWAY INTO THE FOREST",
    "le chat est sur la table et le chien dort dans le jardin",
    "LE CHAT EST SUR LA TABLE ET LE CHIEN DORT DANS LE JARDIN",
    "Is there anything else I can help with?",
    'is there anything else i can help with?"',
    "word " * 400,
    "A sentence. " * 60,
    "line\n" * 50,
    "\U0001f600. \U0001f680! \U0001d400\U0001d401 x\u0301y",
    "a\rb\r\nc\x0bd\x0ce\x85f\u2029g",
    "x\x00y",
]
