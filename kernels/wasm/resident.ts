/**
 * Activations of a prompt that stay in the kernels' memory, from the equation that makes them to those that take them: nothing
 * is copied between. They live from when they are made to the end of the scope, or until they are freed. To everybody else
 * they are float32 in this computer's memory, which they are.
 */
import { ShapeError } from "../../src/errors.ts";
import { data } from "../../src/reference/unwrap.ts";
import { type AnyTensor, host, type Host, type Tensor } from "../../src/tensor.ts";
import type { Heap } from "./module.ts";
import { PROMPT } from "./products.ts";

/** Bytes of them at once, at most; results that come then are copied out, as those of few tokens are. */
const MOST_BYTES = 96 << 20;

/** Places are for whole numbers of so many tokens, so that one freed fits the next. */
const TOKENS = 32;

/** One of them. */
export class Resident implements AnyTensor {
  readonly shape: readonly number[];
  readonly heap: Heap;
  readonly at: number;
  readonly bytes: number;
  private live = true;
  private copy: Float32Array | undefined;

  constructor(heap: Heap, shape: readonly number[], bytes: number) {
    this.heap = heap;
    this.shape = shape;
    this.bytes = bytes;
    this.at = heap.take(bytes);
  }

  /**
   * The values, where they lie; a window on them is valid until the memory grows.
   *
   * throws   ShapeError of one that was freed
   */
  get data(): Float32Array {
    if (this.copy !== undefined) return this.copy;
    const [T = 0, width = 0] = this.shape;
    if (this.live) return this.heap.floats(this.at, T * width);
    throw new ShapeError("E_SHAPE", "wasm", {
      expected: "an activation of this scope that was not freed",
      actual: `[${this.shape.join(" ")}] whose place is another's now`,
      hint: "Download it before its scope ends: ops.download(x).",
    });
  }

  /** Whether its values lie at `at`. */
  get placed(): boolean {
    return this.live;
  }

  /** Gives its place back; `keep`: with a copy of its values for whoever holds it. False if that was done before. */
  leave(keep: boolean): boolean {
    if (!this.live) return false;
    if (keep) this.copy = this.data.slice();
    this.live = false;
    this.heap.give(this.at, this.bytes);
    return true;
  }
}

/** A result that a kernel is about to write. */
export interface Result {
  readonly at: number;
  /** The tensor, once it is written. */
  read<A extends string>(): Host<A>;
}

/** All of a backend. */
export class Residents {
  private readonly scopes: Set<Resident>[] = [];
  private bytes = 0;

  /** A place for a result [T width]: it stays there in a scope and for a prompt, and is copied out else. */
  result(heap: Heap, T: number, width: number): Result {
    const made = this.make(heap, T, width);
    if (made !== undefined) return { at: made.at, read: <A extends string>() => made as unknown as Host<A> };
    const at = heap.area("y", 4 * Math.ceil((T * width) / 4) * 4);
    return { at, read: () => host([T, width], heap.read(at, T * width)) };
  }

  private make(heap: Heap, T: number, width: number): Resident | undefined {
    const scope = this.scopes.at(-1);
    const bytes = 4 * width * Math.ceil(T / TOKENS) * TOKENS;
    if (scope === undefined || T < PROMPT) return undefined;
    if (this.bytes + bytes > MOST_BYTES || bytes > heap.left / 4) return undefined;
    const made = new Resident(heap, [T, width], bytes);
    this.bytes += bytes;
    scope.add(made);
    return made;
  }

  /** Runs `f`; what it made and does not return is freed, and what it returns is copied out. */
  scope<R>(f: () => R): R {
    const made = new Set<Resident>();
    const kept = new Set<unknown>();
    this.scopes.push(made);
    try {
      const result = f();
      collect(result, kept);
      return result;
    } finally {
      this.scopes.pop();
      const outer = this.scopes.at(-1);
      for (const x of made) {
        if (kept.has(x) && outer !== undefined) outer.add(x);
        else this.leave(x, kept.has(x));
      }
    }
  }

  /** Frees one; anything else is JavaScript's. */
  free(x: AnyTensor): void {
    if (!(x instanceof Resident)) return;
    for (const scope of this.scopes) scope.delete(x);
    this.leave(x, false);
  }

  private leave(x: Resident, keep: boolean): void {
    if (x.leave(keep)) this.bytes -= x.bytes;
  }
}

function collect(value: unknown, into: Set<unknown>): void {
  if (value instanceof Resident) into.add(value);
  else if (Array.isArray(value)) for (const each of value) collect(each, into);
  else if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    for (const each of Object.values(value)) collect(each, into);
  }
}

/** Where the values of `x` lie in that heap: in their place, or copied to the area of that name. */
export function placed(x: AnyTensor, heap: Heap, area: string, where: string): number {
  if (x instanceof Resident && x.heap === heap && x.placed) return x.at;
  const { length } = data(x, where);
  const at = heap.area(area, 4 * Math.ceil(length / 4) * 4);
  heap.write(at, data(x, where)); // the area may have grown the memory, which ends windows
  return at;
}

/** Rows as a tensor of their own; undefined of what is no resident. */
export function taken<A extends string>(x: Tensor<`T ${A}`>, first: number, rows: number): Host<`T ${A}`> | undefined {
  if (!(x instanceof Resident)) return undefined;
  const [, width = 0] = x.shape;
  return host([rows, width], x.data.slice(first * width, (first + rows) * width));
}

/** A copy in JavaScript's memory; undefined of what is no resident. */
export function copied<A extends string>(x: Tensor<A>): Host<A> | undefined {
  return x instanceof Resident ? host(x.shape, x.data.slice()) : undefined;
}
