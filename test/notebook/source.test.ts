import { expect, it } from "vitest";
import { parseSource } from "../../src/notebook/source.ts";

const TEXT = `// %% [markdown]
// # Title
//
// Text with \`// %%\` in it.

// %% tags=["volatile", "exercise"]
const a = 1;

a;

// %%
`;

it("cells, their lines and tags", () => {
  expect(parseSource(TEXT, "n.ts")).toEqual([
    { kind: "markdown", text: "# Title\n\nText with `// %%` in it.", line: 2, tags: [] },
    { kind: "code", text: "const a = 1;\n\na;", line: 7, tags: ["volatile", "exercise"] },
    { kind: "code", text: "", line: 12, tags: [] },
  ]);
});

it.each([
  ["const a = 1;\n// %%\n", 'n.ts: line 1: expected a first line `// %%`, got "const a = 1;"'],
  ["// %% [markdwon]\n", 'n.ts: line 1: expected `// %%`, `[markdown]` or none, `tags=["volatile"]` or none, got'],
  ["// %% [markdown]\n// a\nb\n", 'n.ts: line 3: expected a line of text that begins with `// `, got "b"'],
  ['// %% tags=["fast"]\n', "n.ts: line 1: expected tags among volatile, raises-exception, exercise, got"],
])("%j is refused", (text, message) => expect(() => parseSource(text, "n.ts")).toThrow(message));
