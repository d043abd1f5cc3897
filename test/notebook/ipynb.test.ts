import { expect, it } from "vitest";
import { fromIpynb, toIpynb, toOutputs } from "../../src/notebook/ipynb.ts";
import type { Output } from "../../src/notebook/messages.ts";
import { parseSource } from "../../src/notebook/source.ts";

const cells = parseSource("// %% [markdown]\n// # A\n\n// %%\n1;\n\n// %%\n1;\n", "n.ts");
const stream = (text: string, name: "stdout" | "stderr" = "stdout"): Output => ({ type: "stream", name, text });

it("a built notebook is what Jupyter's format asks for, and the same whenever it is built", () => {
  const outputs: Output[][] = [
    [stream("a\n"), stream("b"), stream("c", "stderr")],
    [{ type: "result", data: { "text/plain": "1" } }],
  ];
  const text = toIpynb(cells, outputs);
  expect(text).toBe(toIpynb(cells, structuredClone(outputs)));
  expect(text).toMatch(/"nbformat": 4,\n "nbformat_minor": 5\n}\n$/);
  const read = fromIpynb(text, "n.ipynb");
  expect(read.map(({ kind, text }) => [kind, text])).toEqual([
    ["markdown", "# A"],
    ["code", "1;"],
    ["code", "1;"],
  ]);
  expect(read[1]!.outputs).toEqual([
    { name: "stdout", output_type: "stream", text: ["a\n", "b"] },
    { name: "stderr", output_type: "stream", text: ["c"] },
  ]);
  expect(read[2]!.outputs).toEqual([
    { data: { "text/plain": ["1"] }, execution_count: null, metadata: {}, output_type: "execute_result" },
  ]);
});

it("cells have ids that differ, and that another cell's change leaves alone", () => {
  const ids = (text: string) => [...text.matchAll(/"id": "([^"]+)"/g)].map(([, id]) => id);
  const before = ids(toIpynb(cells, []));
  expect(new Set(before).size).toBe(3);
  const after = ids(toIpynb([{ ...cells[0]!, text: "# B" }, ...cells.slice(1)], []));
  expect(after.slice(1)).toEqual(before.slice(1));
  expect(after[0]).not.toBe(before[0]);
});

it("an error is shown with its place", () => {
  const fault = { name: "Error", message: "no", places: [{ cell: 2, line: 4 }] };
  expect(toOutputs([{ type: "error", fault }])).toEqual([
    { ename: "Error", evalue: "no", output_type: "error", traceback: ["Error: no\n    at cell 3, line 4"] },
  ]);
});

it("what is no notebook is refused", () => {
  expect(() => fromIpynb("[]", "n.ipynb")).toThrow("n.ipynb: notebook: expected nbformat 4. Run: npm run notebooks.");
});
