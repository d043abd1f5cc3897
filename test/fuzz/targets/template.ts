/**
 * A chat template that nobody knows. The program renders such a one in a child process, which ends after a second or 128
 * MiB; here the process that fuzzes is that child.
 */
import { readFileSync } from "node:fs";
import { render } from "../../../src/text/jinja/render.ts";
import type { Value } from "../../../src/text/jinja/value.ts";
import { templateVariables } from "../../../src/text/messages.ts";
import { replace } from "../bytes.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";

const SEEDS = [
  "{%- for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m['content'] | trim }}{% endfor %}{{ x }}",
  "{% set ns = namespace(n=0) %}{% for i in range(3) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}",
  "{% macro f(a, b=2) %}{{ a * b }}{% endmacro %}{{ f(3) }}{{ [1,2]|length }}{{ {'a': 1}|tojson(indent=2) }}",
  "{% if tools %}{{ tools[0].name|upper }}{% elif not messages[::-1] %}no{% else %}{{ 'a,b'.split(',')|join('-') }}{% endif %}",
  readFileSync(new URL("../../../golden/text/templates/qwq-32b.jinja", import.meta.url), "utf8"),
];

const PIECES = [
  ...[
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "-%}",
    "{% for i in range(10**9) %}",
    "{% endfor %}",
    "{% if ",
    "{% endif %}",
  ],
  ...[
    "range(100000)",
    "messages",
    "[1]",
    "(",
    ")",
    "|tojson(indent=100000000)",
    "'x' * 1000000000",
    "**",
    "//",
    "~",
    "%",
  ],
  ...[
    "|length",
    "|join",
    "|replace('a','b' * 100)",
    ".split('')",
    "is defined",
    "not ",
    "and ",
    "in ",
    "loop.index",
    "1e400",
  ],
  ...[
    "''.join",
    "raise_exception('no')",
    "namespace()",
    "constructor",
    "__proto__",
    "self",
    "9" + "0".repeat(40),
    ".5",
    "\u0000",
  ],
];

const TOOL = new Map<string, Value>([["name", "add"]]);
const variables = templateVariables({
  messages: [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
  ],
});
variables.set("tools", [TOOL]);

export const template: Target = {
  name: "template",
  extension: "jinja",
  seeds: SEEDS.map((text) => Buffer.from(text)),
  structured(random: Random) {
    let bytes: Uint8Array = Buffer.from(random.pick(SEEDS));
    for (let changes = random.from(1, 3); changes > 0; changes--) {
      const at = random.below(bytes.length + 1);
      bytes = replace(bytes, at, Math.min(random.below(8), bytes.length - at), Buffer.from(random.pick(PIECES)));
    }
    return bytes;
  },
  read: (bytes) => void render(Buffer.from(bytes).toString(), variables),
};
