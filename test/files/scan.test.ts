import { expect, it } from "vitest";
import { checkFinite, scanTensor } from "../../src/files/scan.ts";
import { codeOf } from "../support/codes.ts";
import { memorySource, type MemoryTensor } from "../support/sources.ts";

const f32 = (rows: readonly (readonly number[])[]): MemoryTensor => ({
  format: "F32",
  shape: [rows.length, rows[0]!.length],
  bytes: new Uint8Array(Float32Array.from(rows.flat()).buffer),
});
const scan = (tensor: MemoryTensor) => {
  const source = memorySource(new Map([["W", tensor]]));
  return scanTensor(source, source.tensors.get("W")!);
};

it("finds the first value that is not finite, rows of zeros, and the largest value", () => {
  expect(scan(f32([[1, -3], [0, -0], [2, 0]]))).toMatchObject({ nonFinite: undefined, zeroRows: 1, largest: 3 }); // prettier-ignore
  const { nonFinite, largest } = scan(f32([[1, 2], [5, -Infinity], [NaN, 3]])); // prettier-ignore
  expect(nonFinite).toEqual({ tensor: "W", row: 1, column: 1, value: -Infinity });
  expect(largest).toBe(5);
});

it("counts rows across windows", () => {
  const rows = Array.from({ length: 3000 }, (_, row) => new Array<number>(256).fill(row % 2));
  rows[2900]![255] = NaN;
  expect(scan(f32(rows))).toMatchObject({ zeroRows: 1499, nonFinite: { row: 2900, column: 255 } });
});

it("scans vectors as one row", () => {
  const bytes = new Uint8Array(Float32Array.of(1, NaN).buffer);
  expect(scan({ format: "F32", shape: [2], bytes }).nonFinite).toMatchObject({ row: 0, column: 1 });
});

it("checkFinite names the tensor, row and column, and the scale where values share one", () => {
  const good = f32([[1, 2]]);
  expect(codeOf(() => checkFinite(memorySource(new Map([["a", good]]))))).toBe("nothing");
  const bad = memorySource(new Map([["a", good], ["b", f32([[1, 2], [3, NaN]])]])); // prettier-ignore
  expect(codeOf(() => checkFinite(bad))).toBe("E_WEIGHT_NONFINITE");
  expect(() => checkFinite(bad)).toThrow(
    'model.safetensors: expected finite weights, got NaN in row 1, column 1 ("b"). The file is damaged; get it again.',
  );
  const block = new Uint8Array(34);
  block.set([0x00, 0x7c], 0); // the scale is infinity
  const blocks = memorySource(new Map([["q", { format: "Q8_0", shape: [1, 32], bytes: block }]]), "m.gguf");
  expect(codeOf(() => checkFinite(blocks))).toBe("E_Q_SCALE");
});
