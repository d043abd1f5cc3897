/** The equations without a matrix: of a prompt the reference's very bits, on any number of threads. */
import { afterAll, describe, expect, it } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { reference } from "../../../src/reference/index.ts";
import { host, type Host } from "../../../src/tensor.ts";
import { drawn } from "../../support/small.ts";

const backends = await Promise.all([1, 2, 3].map((threads) => wasmBackend({ threads })));
afterAll(() => {
  for (const ops of backends) ops.close();
});

/** Values from 1e-6 to 1e6, with zeros of both signs. */
const values = (n: number, seed: number) =>
  drawn(n, seed).map((value, i) => (i % 37 === 0 ? (i % 2) * -0 : value * 10 ** ((i % 13) - 6)));

/** One model's: what is known of it at one place and number of tokens is not taken for another's. */
const FAR = { theta: 1e6, D: 16 };

describe.each(backends)("$threads threads", (ops) => {
  it.each([
    [16, 64],
    [17, 896],
    [128, 20],
    [19, 6],
    [3, 64],
  ])("rmsNorm of %d by %d", (T, C) => {
    const [x, g] = [host<"T C">([T, C], values(T * C, 1)), host<"C">([C], drawn(C, 2))];
    expect(ops.rmsNorm(x, g, 1e-6)).toEqual(reference.rmsNorm(x, g, 1e-6));
  });

  it.each([
    [16, 64, 0, { theta: 1e4, D: 64 }],
    [33, 128, 40_000, FAR],
    [33, 128, 40_001, FAR],
    [34, 128, 40_001, FAR],
    [20, 36, 7, { theta: 1e4, D: 12 }],
    [5, 64, 7, { theta: 1e4, D: 64 }],
    [
      21,
      64,
      9,
      { theta: 1e6, D: 16, yarn: { factor: 4, original: 64, fast: 32, slow: 1, truncate: true, attention: 1.1 } },
    ],
  ])("rope of %d by %d at %d", (T, width, pos, R) => {
    const x = host<"T HD">([T, width], values(T * width, 3));
    expect(ops.rope(x, pos, R as never)).toEqual(reference.rope(x, pos, R as never));
  });

  it.each([
    [16, 64],
    [17, 33],
    [2, 5],
  ])("add of %d by %d", (T, C) => {
    const [x, y] = [4, 5].map((seed) => host<"T C">([T, C], values(T * C, seed))) as [Host<"T C">, Host<"T C">];
    expect(ops.add(x, y)).toEqual(reference.add(x, y));
  });

  it("swiglu of gates far below and above, within 4 ulp", () => {
    const gates = [-3e38, -1000, -300, -262, -261.9, -261.5, -200, -104, -90, -88, -87.5, -1, -1e-30, 0, 30, 90, 1e30];
    const g = host<"T F">(
      [gates.length, 20],
      Float32Array.from({ length: 20 * gates.length }, (_, i) => gates[(i / 20) | 0]!),
    );
    const u = host<"T F">(
      [gates.length, 20],
      drawn(20 * gates.length, 8).map((value) => value * 1e8),
    );
    const [ours, exact] = [ops.swiglu(g, u), reference.swiglu(g, u)] as Host<"T F">[];
    ours!.data.forEach((value, i) => {
      const ulp = Math.max(2 ** -149, Math.abs(exact!.data[i]!) * 2 ** -23);
      expect(Math.abs(value - exact!.data[i]!), `${g.data[i]!}, ${u.data[i]!}`).toBeLessThanOrEqual(4 * ulp);
    });
  });

  it("what is not finite stays so in its own row", () => {
    const x = host<"T C">([16, 64], values(16 * 64, 6));
    x.data[3 * 64 + 5] = NaN;
    x.data[4 * 64 + 6] = Infinity;
    const g = host<"C">([64], drawn(64, 2));
    expect(ops.rmsNorm(x, g, 1e-6)).toEqual(reference.rmsNorm(x, g, 1e-6));
  });
});

it("tensors of two shapes, and gains of another width, are errors", () => {
  const x = host<"T C">([16, 8], drawn(128, 1));
  const ops = backends[0]!;
  const shape = expect.objectContaining({ code: "E_SHAPE" }) as Error;
  expect(() => ops.add(x, host<"T C">([8, 16], drawn(128, 1)))).toThrowError(shape);
  expect(() => ops.swiglu(x as never, host<"T F">([8, 16], drawn(128, 1)))).toThrowError(shape);
  expect(() => ops.rmsNorm(x, host<"C">([9], drawn(9, 1)), 1e-6)).toThrowError(shape);
});
