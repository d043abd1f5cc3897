/** Tensors on the device: made by a kernel that has not run yet, perhaps. */
import { ShapeError } from "../../src/errors.ts";
import { type AnyTensor, isStored } from "../../src/tensor.ts";
import type { GPUBuffer } from "../webgpu/webgpu.ts";

/** A dense float32 array on the device, row-major. */
export class Remote implements AnyTensor {
  readonly shape: readonly number[];
  /** Who made it: no other device can use it. */
  readonly owner: object;
  /** Where it lies, once the commands that make it are on their way. */
  buffer: GPUBuffer | undefined;
  /** Whether anybody may still ask for it: false after the scope that made it. */
  live = true;

  constructor(shape: readonly number[], owner: object) {
    this.shape = shape;
    this.owner = owner;
  }

  /** How many numbers. */
  get length(): number {
    return this.shape.reduce((product, n) => product * n, 1);
  }
}

/** The tensor, if this device has it. Throws ShapeError for any other, and for one whose scope is over. */
export function remote(x: AnyTensor, owner: object, where: string): Remote {
  if (x instanceof Remote && x.owner === owner && x.live) return x;
  throw new ShapeError("E_SHAPE", where, {
    expected: "a tensor of this device",
    actual: said(x),
    hint: x instanceof Remote && !x.live ? "Return it from the scope that made it." : "Upload it first: ops.upload(x).",
  });
}

function said(x: AnyTensor): string {
  if (isStored(x)) return `${x.format} weights "${x.name}"`;
  if (!(x instanceof Remote)) return "another backend's tensor";
  return x.live ? "one of another device" : "one whose scope is over";
}
