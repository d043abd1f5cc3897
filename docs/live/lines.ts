/** The lines of src/model.ts, each with the name of its equation. */

export interface Line {
  readonly number: number;
  readonly code: string;
  readonly comment: string;
  /** The name in EQUATIONS; undefined for a line that computes nothing. */
  readonly name: string | undefined;
}

/** The two that end a function have no name on the page: those of the taps. */
const RETURNED: Readonly<Record<string, string>> = { "ops.rmsNorm(x, w.g": "norm", "ops.linear(n, w.U": "logits" };

/** The lines of the page's text. */
export function linesOf(text: string): Line[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line, i) => {
      const [, code = line, comment = ""] = /^(.*?\S)(\s+\/\/ .*)$/.exec(line) ?? [];
      return { number: i + 1, code, comment, name: nameOf(line) };
    });
}

function nameOf(line: string): string | undefined {
  const returned = Object.entries(RETURNED).find(([start]) => line.includes(`return ${start}`));
  if (returned !== undefined) return returned[1];
  if (line.includes("= ops.embed(")) return "embed";
  return /^ {2}const (?:\{ )?(\w+)(?:, \w+ \})? = (?:cache\.append|[a-zA-Z]+)\([^)]*\); +\/\/ /.exec(line)?.[1];
}
