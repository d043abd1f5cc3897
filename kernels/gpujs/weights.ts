/**
 * Matrices on the device: brought there once, at their first use. Integers stay integers; floats stay floats, or are rounded
 * to int8.
 */
import type { Config } from "../../src/config.ts";
import { LimitError } from "../../src/errors.ts";
import { type AnyTensor, isHost, isStored, type Stored } from "../../src/tensor.ts";
import type { Device, Handle } from "./device.ts";
import { type Integers, integersOf, rounding } from "./integers.ts";
import { type Cut, layoutOf, type PackedCut } from "./linear.ts";
import { cut, packedCut, packInt8, transpose } from "./pack.ts";

/** What becomes of weights that are not integers with scales: rounded to int8, kept as float32, or what the size allows. */
export type WeightForm = "auto" | "f32" | "int8";

/** A matrix on the device. */
export type Placed =
  | { readonly kind: "packed"; readonly words: Handle; readonly scales: Handle; readonly cut: PackedCut }
  | { readonly kind: "rows" | "columns"; readonly weights: Handle; readonly cut: Cut };

/** A model whose weights are larger than this as float32 is rounded to int8 unless told otherwise. */
export const EXACT_BYTES = 2 ** 30;

/** Bytes of rows that are read at a time. */
const PART_BYTES = 1 << 22;

/** What is said of weights that were rounded. */
export interface Rounded {
  readonly matrices: number;
  readonly formats: readonly string[];
}

export class Matrices {
  private readonly device: Device;
  private readonly placed = new Map<AnyTensor, Placed>();
  private readonly form: WeightForm;
  private exact = true;
  private left = Infinity;
  private readonly formats: string[] = [];
  private readonly onRounded: (format: string) => void;
  /** Bytes on the device. */
  bytes = 0;

  /** `onRounded` is told the format of the first matrix that is rounded. */
  constructor(device: Device, form: WeightForm, onRounded: (format: string) => void) {
    this.device = device;
    this.form = form;
    this.onRounded = onRounded;
  }

  /** Decides for a model, where that was left open. */
  decide(config: Config): void {
    this.exact = 4 * weightsOf(config) <= EXACT_BYTES;
  }

  /** At most so many bytes on a device that is this computer's own memory. */
  keep(bytes: number): void {
    this.left = bytes;
  }

  get rounded(): Rounded {
    return { matrices: this.formats.length, formats: [...new Set(this.formats)] };
  }

  /** The matrix on the device. Undefined for what is no matrix of this computer's. */
  place(W: AnyTensor): Placed | undefined {
    const known = this.placed.get(W);
    if (known !== undefined) return known;
    const made = isStored(W)
      ? this.stored(W as unknown as Stored<string>)
      : isHost(W)
        ? this.floats(source(W))
        : undefined;
    if (made !== undefined) this.placed.set(W, made);
    return made;
  }

  private stored(W: Stored<string>): Placed {
    const integers = integersOf(W);
    if (integers !== undefined) return this.packed(W, integers);
    if (this.form === "f32" || (this.form === "auto" && this.exact)) return this.floats(W);
    if (this.formats.length === 0) this.onRounded(W.format);
    this.formats.push(W.format);
    return this.packed(W, rounding(W));
  }

  private packed({ name, shape }: Pick<Stored<string>, "name" | "shape">, integers: Integers): Placed {
    const [O = 0, I = 0] = shape;
    const cut = packedCut(I, integers.group);
    const { groups, words } = cut;
    this.take(name, 4 * O * groups * (words + 1));
    const scales = new Float32Array(O * groups);
    const part = rowsAtOnce(I);
    const [q, s] = [new Uint8Array(part * I), new Float32Array(part * groups)];
    const placed = this.device.upload(name, O * groups * words, (into) => {
      for (let first = 0; first < O; first += part) {
        const count = Math.min(part, O - first);
        integers.read(first, count, q, s.subarray(0, count * groups));
        packInt8(q, cut, first, count, O, into);
        transpose(s, groups, first, count, O, scales);
      }
    });
    const placedScales = this.device.upload(`${name} (scales)`, scales.length, (into) => into.set(scales));
    return { kind: "packed", words: placed, scales: placedScales, cut };
  }

  private floats({ name, shape, widen }: Pick<Stored<string>, "name" | "shape" | "widen">): Placed {
    const [O = 0, I = 0] = shape;
    this.take(name, 4 * O * I);
    const kind = layoutOf(this.device.report);
    const part = rowsAtOnce(I);
    const rows = new Float32Array(kind === "rows" ? 0 : part * I);
    const weights = this.device.upload(name, O * I, (into) => {
      for (let first = 0; first < O; first += part) {
        const count = Math.min(part, O - first);
        if (kind === "rows") widen(first, count, into.subarray(first * I, (first + count) * I));
        else {
          widen(first, count, rows);
          transpose(rows, I, first, count, O, into);
        }
      }
    });
    return { kind, weights, cut: cut(I) };
  }

  private take(name: string, bytes: number): void {
    const { mode, software } = this.device.report;
    this.bytes += bytes;
    if (mode === "webgpu" && !software) return; // the GPU itself says when it is full
    if (bytes > this.left) {
      throw new LimitError("E_LIMIT_MEMORY", "gpujs", {
        expected: "a model that fits into memory: this backend keeps all weights there",
        actual: `no room for ${bytes.toLocaleString("en-US")} more bytes`,
        tensor: name,
        hint: "Give --pin-bytes or --memory more, --weights int8, or --backend wasm, which reads from disk.",
      });
    }
    this.left -= bytes;
  }
}

/** Weights of all matrices but the embedding. */
function weightsOf({ layers, channels, heads, keyHeads, headSize, feedForward, vocabulary }: Config): number {
  const attention = 2 * heads * headSize + 2 * keyHeads * headSize;
  return layers * channels * (attention + 3 * feedForward) + vocabulary * channels;
}

function rowsAtOnce(inputs: number): number {
  return Math.max(1, Math.floor(PART_BYTES / (4 * inputs)));
}

/** A matrix of float32 in memory, read as a stored one is. */
function source({
  shape,
  data,
}: AnyTensor & { readonly data: Float32Array }): Pick<Stored<string>, "name" | "shape" | "widen"> {
  const [, I = 0] = shape;
  return {
    name: "matrix",
    shape,
    widen: (first, rows, into) => into.set(data.subarray(first * I, (first + rows) * I)),
  };
}
