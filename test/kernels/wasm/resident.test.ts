/** Activations that stay in the kernels' memory: the same bits as without, and no more memory than they need. */
import { afterAll, expect, it, vi } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { Linear } from "../../../kernels/wasm/linear.ts";
import { Heap } from "../../../kernels/wasm/module.ts";
import { Resident, Residents } from "../../../kernels/wasm/resident.ts";
import { team } from "../../../kernels/wasm/team.ts";
import type { Rope } from "../../../src/config.ts";
import type { Ops } from "../../../src/ops.ts";
import { FORMATS } from "../../../src/quant/index.ts";
import { host, type Host, stored } from "../../../src/tensor.ts";
import { drawn } from "../../support/small.ts";

const backends = await Promise.all([1, 2].map((threads) => wasmBackend({ threads })));
afterAll(() => {
  for (const ops of backends) ops.close();
});

const [T, C, F] = [20, 64, 96];
const x = host<"T C">([T, C], drawn(T * C, 1));
const W = host<"F C">([F, C], drawn(F * C, 2));
const g = host<"C">([C], drawn(C, 3));
const rope: Rope = { theta: 1e4, D: 16, yarn: undefined };

function steps(ops: Ops) {
  const n = ops.rmsNorm(x, g, 1e-6);
  const h = ops.linear(n, W);
  const turned = ops.rope(n as never, 5, rope) as never;
  return { n, h, act: ops.swiglu(h as never, h as never), sum: ops.add(n, turned) };
}

it.each(backends)("in a scope and outside of it: the same bits ($threads threads)", (ops) => {
  const apart = steps(ops);
  const within = ops.scope(() => {
    const made = steps(ops);
    for (const y of Object.values(made)) expect(y).toBeInstanceOf(Resident);
    return made;
  });
  for (const name of ["n", "h", "act", "sum"] as const) {
    const [a, b] = [apart[name], within[name]] as unknown as Host<string>[];
    expect(a).not.toBeInstanceOf(Resident);
    expect(b!.data, name).toEqual(a!.data);
    expect(b!.data.buffer).toBeInstanceOf(ArrayBuffer); // a copy of its own: the scope is over
  }
});

it.each(backends)("what a scope does not return is gone, and says so ($threads threads)", (ops) => {
  let lost: unknown;
  ops.scope(() => void (lost = ops.add(x, x)));
  expect(() => (lost as Host<string>).data).toThrowError(expect.objectContaining({ code: "E_SHAPE" }) as Error);
  expect(() => ops.linear(lost as Host<"T C">, W)).toThrowError(expect.objectContaining({ code: "E_SHAPE" }) as Error);
});

it.each(backends)("places are used again, once freed or their scope is over ($threads threads)", (ops) => {
  const at: number[] = [];
  const once = () => {
    const y = ops.add(x, x);
    at.push((y as unknown as Resident).at);
    ops.free!(y);
    at.push((ops.add(x, x) as unknown as Resident).at);
  };
  for (let turn = 0; turn < 2; turn++) ops.scope(once);
  expect(new Set(at).size).toBe(1);
});

it.each(backends)(
  "an inner scope hands on to the outer one; after an error all places are free ($threads threads)",
  (ops) => {
    ops.scope(() => {
      const y = ops.scope(() => ops.add(x, x));
      expect(y).toBeInstanceOf(Resident);
      expect(ops.download(y)).toEqual(ops.download(ops.add(x, x)));
      expect((ops.rows(y, 2, 1) as Host<"T C">).data).toEqual((y as Host<"T C">).data.slice(2 * C, 3 * C));
    });
    const place = () => ops.scope(() => (ops.add(x, x) as unknown as Resident).at);
    const before = place();
    expect(() =>
      ops.scope(() => {
        ops.add(x, x);
        throw new Error("stop");
      }),
    ).toThrowError("stop");
    expect(place()).toBe(before);
  },
);

it.each(backends)("where too many lie there, results are copied out as ever ($threads threads)", (ops) => {
  const wide = host<"T C">([128, 16384], drawn(128 * 16384, 4)); // 8 MiB; 96 MiB are the most
  ops.scope(() => {
    const all = Array.from({ length: 13 }, () => ops.add(wide, wide) as Host<"T C">);
    expect(all.filter((y) => y instanceof Resident)).toHaveLength(12);
    expect(Buffer.from(all[12]!.data.buffer).equals(Buffer.from(all[0]!.data.slice().buffer))).toBe(true);
  });
});

/** A matrix in Q8_0 of some bytes or other under moderate scales. */
function bytes(seed: number) {
  const { bytes, widen } = FORMATS.get("Q8_0")!;
  const all = Uint8Array.from(drawn((F * C * bytes) / 32, seed), (value) => Math.floor((value + 1) * 128));
  for (let at = 1; at < all.length; at += bytes) all[at] = 0x28;
  const row = (C / 32) * bytes;
  return stored<"F C">({
    shape: [F, C],
    format: "Q8_0",
    name: "W",
    widen: (first, rows, into) => widen(all, first * row, (rows * C) / 32, into, 0),
    window: (first, rows, use) => use(all.subarray(first * row, (first + rows) * row)),
  });
}

it.each(backends)("what is rounded once for several matrices is rounded anew for others ($threads threads)", (ops) => {
  const [V, U] = [bytes(9), bytes(10)];
  const zeros = host<"T C">([T, C], new Float32Array(T * C));
  const product = (y: typeof x, by: typeof V) => (ops.linear(y, by) as Host<"T F">).data.slice();
  const [first, second] = [product(x, V), product(x, U)];
  ops.scope(() => {
    const same = ops.add(x, zeros) as Host<"T C">;
    const twice = ops.add(same, same) as Host<"T C">;
    expect([product(same, V), product(same, U)]).toEqual([first, second]);
    expect(product(twice, V)).toEqual(first.map((value) => 2 * value));
    expect(product(x, V)).toEqual(first);
    expect(product(twice, U)).toEqual(second.map((value) => 2 * value));
    ops.free!(twice);
    const other = ops.add(x, zeros) as Host<"T C">; // in the place of the one before
    expect(product(other, V)).toEqual(first);
  });
});

it("what was rounded in one memory is not looked for at the same place of another", async () => {
  const heap = new Heap(true, 2048);
  const workers = await team(heap, 2, false);
  // Areas at the same addresses in every memory, as they can come to lie.
  const names = new Map<string, number>();
  const area = vi.spyOn(Heap.prototype, "area").mockImplementation(function (this: Heap, name) {
    const missing = 2048 - this.memory.buffer.byteLength / 65536;
    if (missing > 0) this.memory.grow(missing);
    if (!names.has(name)) names.set(name, names.size);
    return 2 ** 26 + names.get(name)! * 2 ** 22;
  });
  const residents = new Residents();
  const linear = new Linear(heap, workers, "int8", undefined, residents);
  const all = [bytes(9), bytes(10)];
  const made = residents.scope(() => {
    const { at, read } = residents.result(heap, T, C);
    heap.write(at, x.data);
    const here = read<"T C">();
    const first = linear.linear(here, all[0]!).data.slice();
    heap.place(heap.left - heap.size / 4); // what comes now goes to another
    return [first, linear.linear(here, all[1]!).data.slice()];
  });
  expect(linear.memories).toBe(2);
  workers.close();
  area.mockRestore();
  expect(made).toEqual(all.map((W) => (backends[0]!.linear(x, W) as Host<"T F">).data));
});
