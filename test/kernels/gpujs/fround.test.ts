/** On WebAssembly every kernel is its own text in float32, to the bit; on a GPU nearly, for it may fuse and has its own exp. */
import { afterAll, describe, expect, it } from "vitest";
import { openDevice } from "../../../kernels/gpujs/adapter.ts";
import { exponentials, largest, mix, scores } from "../../../kernels/gpujs/attention.ts";
import type { Argument, Device, Kernel } from "../../../kernels/gpujs/device.ts";
import { add, slice, swiglu } from "../../../kernels/gpujs/elementwise.ts";
import { addBias, linearColumns, linearFused, linearPacked, linearRows } from "../../../kernels/gpujs/linear.ts";
import { rmsNorm, rmsNormPlain, squares } from "../../../kernels/gpujs/norm.ts";
import { cut, packedCut } from "../../../kernels/gpujs/pack.ts";
import { rope, turns } from "../../../kernels/gpujs/rope.ts";
import { drawn } from "../../support/checkpoints.ts";
import { ofLargest } from "../../support/equations.ts";
import { froundLoop } from "../../support/fround.ts";

/** Numbers for a parameter: flat, or in rows. */
interface Numbers {
  readonly data: Float32Array;
  readonly width?: number;
}

interface Case {
  readonly kernel: Kernel;
  readonly given: readonly (Numbers | number)[];
}

const flat = (length: number, seed: number, scale = 1): Numbers => ({
  data: drawn(length, seed).map((x) => x * scale),
});
const rows = (width: number, height: number, seed: number): Numbers => ({ ...flat(width * height, seed), width });
/** Words of three weights. */
const words = (width: number, height: number, seed: number): Numbers => ({
  data: drawn(width * height, seed).map((x) => Math.floor((x + 1) * 2 ** 23)),
  width,
});

const [T, I, O, D, heads, room] = [3, 197, 65, 8, 4, 37];
const shared = { size: D, heads, shared: 2, rows: room };
const turned = turns({ D, theta: 1e6, yarn: undefined }, 4000, T);

const CASES: readonly Case[] = [
  { kernel: { text: linearRows, output: [O, T], constants: { ...cut(I) } }, given: [rows(I, O, 1), flat(T * I, 2)] },
  { kernel: { text: linearColumns, output: [O, T], constants: { ...cut(I) } }, given: [rows(O, I, 1), flat(T * I, 2)] },
  ...[I, 32, 64].map((group): Case => {
    const of = packedCut(group === I ? I : 192, group);
    const given = [words(O, of.groups * of.words, 3), rows(O, of.groups, 4), flat(T * of.inputs, 5)];
    return { kernel: { text: linearPacked, output: [O, T], constants: { ...of } }, given };
  }),
  {
    kernel: { text: linearFused, output: [O, T], constants: { ...packedCut(192, 64) } },
    given: [words(O, 3 * 22, 3), rows(O, 3, 4), flat(T * 192, 5), flat(O, 7)],
  },
  { kernel: { text: addBias, output: [O, T], constants: { outputs: O } }, given: [flat(T * O, 6), flat(O, 7)] },
  {
    kernel: { text: rmsNormPlain, output: [I, T], constants: { channels: I, eps: 1e-5 } },
    given: [flat(T * I, 8), flat(I, 9)],
  },
  {
    kernel: { text: squares, output: [64, T], constants: { channels: I, rounds: 4, parts: 64 } },
    given: [flat(T * I, 10)],
  },
  {
    kernel: { text: rmsNorm, output: [I, T], constants: { channels: I, parts: 64, eps: 1e-5 } },
    given: [flat(T * I, 8), { data: drawn(T * 64, 11).map(Math.abs) }, flat(I, 9)],
  },
  {
    kernel: { text: rope, output: [D, heads, T], constants: { size: D, half: D / 2, heads } },
    given: [flat(T * heads * D, 12), { data: turned.cos }, { data: turned.sin }],
  },
  {
    kernel: { text: scores, output: [room, heads, T], constants: { ...shared, scale: 1 / Math.sqrt(D) } },
    given: [flat(T * heads * D, 13), rows(2 * D, room, 14), 30],
  },
  { kernel: { text: largest, output: [heads, T], constants: shared }, given: [rows(room, T * heads, 15)] },
  {
    kernel: { text: exponentials, output: [room, heads, T], constants: shared },
    given: [rows(room, T * heads, 16), flat(T * heads, 17)],
  },
  {
    kernel: { text: mix, output: [D, heads, T], constants: shared },
    given: [{ data: drawn(room * T * heads, 18).map(Math.abs), width: room }, rows(2 * D, room, 19)],
  },
  { kernel: { text: swiglu, output: [500], constants: {} }, given: [flat(500, 20, 100), flat(500, 21)] },
  { kernel: { text: add, output: [500], constants: {} }, given: [flat(500, 22), flat(500, 23)] },
  { kernel: { text: slice, output: [40], constants: {} }, given: [flat(500, 24), 123] },
];

function nested({ data, width }: Numbers): unknown {
  if (width === undefined) return data;
  return Array.from({ length: data.length / width }, (_, row) => data.subarray(row * width, (row + 1) * width));
}

async function computed(device: Device, { kernel, given }: Case): Promise<Float32Array> {
  const values = given.map((one): Argument => {
    if (typeof one === "number") return one;
    const handle = device.upload("test", one.data.length, (into) => into.set(one.data));
    return one.width === undefined ? handle : { handle, width: one.width };
  });
  return device.read(await device.run(kernel, ...values));
}

const truth = ({ kernel, given }: Case) =>
  froundLoop(
    kernel.text,
    kernel.output,
    kernel.constants,
    ...given.map((one) => (typeof one === "number" ? one : nested(one))),
  );

for (const mode of ["webasm", "cpu", "webgpu", "dev"] as const) {
  const device = await openDevice(mode, 1).catch((error: Error) => error.message);
  describe.skipIf(typeof device === "string")(
    `${mode}${typeof device === "string" ? ` (skipped: ${device})` : ""}`,
    () => {
      const on = device as Device;
      afterAll(() => on.close());

      it.each(CASES.map((each, i) => [`${each.kernel.text.name} ${i}`, each] as const))("%s", async (_, each) => {
        const result = await computed(on, each);
        const expected = truth(each);
        expect(expected.some((x) => x !== 0)).toBe(true);
        if (mode === "webasm") expect(result).toEqual(expected);
        else expect(ofLargest(result, expected)).toBeLessThanOrEqual(2e-6);
      });
    },
  );
}
