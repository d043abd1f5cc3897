/** linear: weights are brought to the device at their first use, and stay. */
import { linearSizes } from "../../src/reference/linear.ts";
import { type AnyTensor, isStored, type Stored } from "../../src/tensor.ts";
import { bytesOf, padded } from "./activations.ts";
import type { Device, Kernel, Place } from "./device.ts";
import { type Form, linearText, type Order, wordsAtOnce } from "./linear-text.ts";
import { type Kind, type Packing, packingOf, PER_WORD, TILE, wordsOf } from "./packing.ts";
import { remote, type Remote } from "./tensor.ts";

/** Bytes that are written at a time. */
const PART_BYTES = 1 << 24;

/** Words whose products are added before they are added to the rest: sums of few terms lose less. */
const TOGETHER = 32;

/** How activations meet weights of eight bits: as they are, or rounded to bytes too. */
export type Activations = "f32" | "int8";

/** Rows [first, first + rows) on the device. */
interface Part {
  readonly first: number;
  readonly rows: number;
  readonly words: Place;
  readonly scales: Place | undefined;
}

/** A matrix on the device. More than one part only where a buffer cannot hold it. */
export interface Matrix {
  readonly kind: Kind;
  /** Values under a scale; 0 for none. */
  readonly group: number;
  readonly order: Order;
  readonly parts: readonly Part[];
}

/** The products. `tokens` and `slices` are what was found fastest (docs/gpu.md). */
export class Linear {
  /** Bytes of weights that were brought here. */
  bytes = 0;
  private readonly device: Device;
  private readonly activations: Activations;
  private readonly kept = new Map<AnyTensor, Matrix>();
  private readonly kernels = new Map<string, Kernel>();

  constructor(device: Device, activations: Activations) {
    this.device = device;
    this.activations = activations;
  }

  /** y = W x + b. Throws ShapeError as the reference, and for weights of another backend. */
  linear(x: Remote, W: AnyTensor, b: Remote | undefined): Remote {
    linearSizes(x, W, undefined);
    const matrix = isStored(W) ? this.matrix(W as unknown as Stored<string>) : plain(remote(W, this.device, "linear"));
    return this.multiply(x, matrix, W.shape, b);
  }

  /** The same for weights that lie on the device in some form. */
  multiply(x: Remote, W: Matrix, [O = 0, K = 0]: readonly number[], b?: Place): Remote {
    const { device } = this;
    const T = x.shape[0]!;
    const y = device.make([T, O]);
    const n = PER_WORD[W.kind] * wordsAtOnce(W.order);
    const J = Math.ceil(K / n);
    const bytes = this.activations === "int8" && device.packed && W.kind === "i8" && K % 32 === 0;
    const tokens = T === 1 ? 1 : T <= 4 ? 4 : 8;
    const form: Form = {
      kind: W.kind,
      scales: W.group === 0 ? "none" : W.group === K ? "row" : "group",
      pair: W.group === 2 * n,
      tokens,
      slices: T === 1 && !device.report.software ? 4 : 1,
      bias: b !== undefined,
      order: W.order,
      bytes,
      packed: device.packed,
    };
    const span = form.scales === "group" ? W.group / n : TOGETHER / wordsAtOnce(W.order);
    const input = bytes ? bytesOf(device, x) : undefined;
    const whole = W.kind === "i8x3" || K % n === 0 ? x : padded(device, x, J * n);
    for (const { first, rows, words, scales } of W.parts) {
      const reads = [words, scales, ...(input === undefined ? [whole] : [input.q, input.steps]), b];
      const params = [T, K, O, J, span, Math.ceil(J / span), first, rows];
      const groups = [Math.ceil(rows / 64), Math.ceil(T / tokens), 1] as const;
      const kernel = this.kernel(form);
      const given = reads.filter((place) => place !== undefined);
      device.run(kernel, given, [y], params, groups);
    }
    return y;
  }

  /** The matrix on the device, brought there if it is not yet. */
  matrix(W: Stored<string>): Matrix {
    const known = this.kept.get(W);
    if (known !== undefined) return known;
    const made = this.bring(W, packingOf(W));
    this.kept.set(W, made);
    return made;
  }

  private bring(W: Stored<string>, packing: Packing): Matrix {
    const [O = 0, K = 0] = W.shape;
    const tile = 4 * TILE * wordsOf(packing.kind, K); // bytes of words
    const most = Math.max(1, Math.floor(this.device.most / tile)) * TILE;
    const parts: Part[] = [];
    for (let first = 0; first < O; first += most) parts.push(this.part(W, packing, first, Math.min(most, O - first)));
    return { kind: packing.kind, group: packing.group, order: "tiles", parts };
  }

  /** Brings some rows, a few tiles at a time. */
  private part(W: Stored<string>, packing: Packing, first: number, rows: number): Part {
    const { device } = this;
    const K = W.shape[1]!;
    const tiles = Math.ceil(rows / TILE);
    const words = TILE * wordsOf(packing.kind, K);
    const scales = packing.group === 0 ? 0 : TILE * (K / packing.group);
    const to = device.constant(4 * tiles * words);
    const scalesTo = scales === 0 ? undefined : device.constant(4 * tiles * scales);
    const step = Math.max(1, Math.floor(PART_BYTES / (4 * words)));
    for (let from = 0; from < tiles; from += step) {
      const count = Math.min(step, tiles - from);
      const [w, s] = [new Uint32Array(count * words), new Float32Array(count * scales)];
      for (let i = 0; i < count; i++) {
        const row = (from + i) * TILE;
        const [at, scaleAt] = [w.subarray(i * words, (i + 1) * words), s.subarray(i * scales, (i + 1) * scales)];
        packing.pack(W, first + row, Math.min(TILE, rows - row), at, scaleAt);
      }
      device.write(to, 4 * from * words, w);
      if (scalesTo !== undefined) device.write(scalesTo, 4 * from * scales, s);
    }
    this.bytes += to.size + (scalesTo?.size ?? 0);
    return { first, rows, words: to, scales: scalesTo };
  }

  private kernel(form: Form): Kernel {
    const key = JSON.stringify(form);
    const known = this.kernels.get(key);
    if (known !== undefined) return known;
    const reads = 2 + (form.scales === "none" ? 0 : 1) + (form.bytes ? 1 : 0) + (form.bias ? 1 : 0);
    const made = { name: "linear", reads, writes: 1, code: linearText(form) };
    this.kernels.set(key, made);
    return made;
  }
}

/** A float32 tensor of the device as it lies: row by row. */
function plain(W: Remote): Matrix {
  const part = { first: 0, rows: W.shape[0]!, words: W, scales: undefined };
  return { kind: "f32", group: 0, order: "rows", parts: [part] };
}
