/** How float32 lies on the device, by where it computes; the product is the same. */
import { expect, it } from "vitest";
import { openDevice } from "../../../kernels/gpujs/adapter.ts";
import type { Device } from "../../../kernels/gpujs/device.ts";
import { linear } from "../../../kernels/gpujs/equations.ts";
import { Work } from "../../../kernels/gpujs/resident.ts";
import { Matrices } from "../../../kernels/gpujs/weights.ts";
import { reference } from "../../../src/reference/index.ts";
import { type Host, host } from "../../../src/tensor.ts";
import { drawn } from "../../support/checkpoints.ts";
import { ofLargest } from "../../support/equations.ts";

const [T, I, O] = [3, 197, 65];
const x = host<"T I">([T, I], drawn(T * I, 1));
const W = host<"O I">([O, I], drawn(O * I, 2));
const b = host<"O">([O], drawn(O, 3));

it.each([
  { mode: "webasm", software: false, kind: "rows" },
  { mode: "webgpu", software: true, kind: "rows" },
  { mode: "webgpu", software: false, kind: "columns" }, // a GPU's, which webasm computes here
  { mode: "webgl2", software: false, kind: "columns" },
] as const)("$mode, a program: $software: $kind", async ({ mode, software, kind }) => {
  const device = await openDevice("webasm", 1);
  const other = Object.create(device, { report: { value: { ...device.report, mode, software } } }) as Device;
  const work = new Work(other, () => undefined);
  const matrices = new Matrices(other, "f32", () => undefined);
  const y = await work.download(linear(work, matrices, x, W, b));
  expect(matrices.place(W)?.kind).toBe(kind);
  expect(matrices.bytes).toBe(4 * O * I);
  expect(ofLargest(y, (reference.linear(x, W, b) as Host<"T O">).data)).toBeLessThanOrEqual(1e-6);
  device.close();
});
