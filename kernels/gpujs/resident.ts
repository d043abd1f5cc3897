/**
 * Tensors of this backend: numbers that are on the device, or will be once the kernels before them have run. Equations are
 * synchronous on the page and kernels are not, so a tensor holds a promise; what failed is told to whoever downloads.
 */
import { ShapeError } from "../../src/errors.ts";
import { type AnyTensor, isHost, isStored, type Tensor } from "../../src/tensor.ts";
import type { Argument, Device, Handle, Kernel, Rows } from "./device.ts";
import { Queue } from "./queue.ts";

/** A tensor on the device. Handles are flat: shapes are ours. */
export interface Resident extends AnyTensor {
  readonly owner: Work;
  readonly handle: Promise<Handle>;
  /** Pieces of work that will use it. */
  awaited: number;
  /** Whether nothing more will be asked of it: its numbers go once no work awaits them. */
  done: boolean;
}

/** What a kernel is given, as long as it is only promised. */
export type Promised = Resident | number | { readonly of: Resident; readonly width: number } | Argument;

/** The kernels that were asked for, in order, and the tensors they made. */
export class Work {
  readonly device: Device;
  private readonly queue = new Queue();
  /** Tensors of the scopes that are open, the innermost last. */
  private readonly scopes: Resident[][] = [];
  /** Small tensors of this computer's that stay on the device once they were used: gains and biases. */
  private readonly kept = new WeakMap<AnyTensor, Resident>();
  private readonly before: () => void;

  /** `before` is called before each kernel; what it throws ends the work. */
  constructor(device: Device, before: () => void) {
    this.device = device;
    this.before = before;
  }

  /** Runs a kernel once those before it have run. */
  run(shape: readonly number[], kernel: Kernel, ...given: readonly Promised[]): Resident {
    return this.made(
      shape,
      this.later(
        async () => {
          this.before();
          const values: Argument[] = [];
          for (const one of given) values.push(await settled(one));
          return this.device.run(kernel, ...values);
        },
        ...given.flatMap(residents),
      ),
    );
  }

  /**
   * Does something in its turn. What it uses stays until then, and no longer: a pass is asked for as a whole before its
   * first kernel runs, so by then it is known which kernel is the last that uses a tensor.
   */
  later<R>(what: () => R | Promise<R>, ...used: readonly Resident[]): Promise<R> {
    for (const x of used) x.awaited++;
    return this.queue.add(async () => {
      try {
        return await what();
      } finally {
        for (const x of used) if (--x.awaited === 0 && x.done) await this.gone(x);
      }
    });
  }

  /** A tensor with a handle that is promised. */
  made(shape: readonly number[], handle: Promise<Handle>): Resident {
    handle.catch(() => undefined); // whoever downloads hears of it
    const x: Resident = { shape, owner: this, handle, awaited: 0, done: false };
    this.scopes.at(-1)?.push(x);
    return x;
  }

  /** Brings float32 of this computer's to the device at once. */
  upload(x: AnyTensor & { readonly data: Float32Array }): Resident {
    const { device } = this;
    return this.made(
      x.shape,
      settledNow(() => device.upload("activations", x.data.length, (into) => into.set(x.data))),
    );
  }

  /** A tensor as one of ours. A vector of this computer's stays once it was used. Throws ShapeError for a stranger's. */
  own(x: AnyTensor, where: string): Resident {
    if ("owner" in x && x.owner === this) return x as Resident;
    if (!isHost(x)) throw stranger(x, where);
    if (x.shape.length > 1) return this.upload(x);
    const known = this.kept.get(x) ?? this.outside(() => this.upload(x));
    this.kept.set(x, known);
    return known;
  }

  async download(x: Resident): Promise<Float32Array> {
    const { read } = await this.later(async () => ({ read: this.device.read(await x.handle) }), x);
    return read; // kernels after it need not wait
  }

  /** Frees a tensor once the work is done that was asked for so far. */
  free(x: Resident): void {
    if (x.done) return;
    x.done = true;
    if (x.awaited === 0) void this.queue.add(() => this.gone(x));
  }

  private async gone(x: Resident): Promise<void> {
    await x.handle.then(
      (handle) => this.device.free(handle),
      () => undefined, // it never was
    );
  }

  /** Runs `f` and frees what it made, except what it returns: a tensor, or a record of some. */
  scope<R>(f: () => R): R {
    const made: Resident[] = [];
    this.scopes.push(made);
    let result: R | undefined;
    try {
      result = f();
      return result;
    } finally {
      this.scopes.pop();
      const returned = new Set<unknown>([
        result,
        ...(typeof result === "object" && result !== null ? Object.values(result) : []),
      ]);
      for (const x of made) {
        if (returned.has(x)) this.scopes.at(-1)?.push(x);
        else this.free(x);
      }
    }
  }

  /** Runs `f` as if no scope were open: what it makes stays. */
  outside<R>(f: () => R): R {
    const open = this.scopes.splice(0);
    try {
      return f();
    } finally {
      this.scopes.push(...open);
    }
  }
}

/** The one cast from this backend's tensor to the page's. */
export function tensor<A extends string>(x: Resident): Tensor<A> {
  return x as unknown as Tensor<A>;
}

/** What of it is a tensor. */
function residents(one: Promised): readonly Resident[] {
  if (typeof one === "number") return [];
  if ("of" in one) return [one.of];
  return "owner" in one ? [one] : [];
}

async function settled(one: Promised): Promise<Argument> {
  if (typeof one === "number") return one;
  if ("of" in one) return { handle: await one.of.handle, width: one.width } satisfies Rows;
  return "owner" in one ? one.handle : one;
}

/** What `f` returns, or throws, as a promise. */
async function settledNow<R>(f: () => R): Promise<R> {
  return f();
}

function stranger(x: AnyTensor, where: string): ShapeError {
  return new ShapeError("E_SHAPE", `gpujs: ${where}`, {
    expected: "a tensor of this backend, or float32 in this computer's memory",
    actual: isStored(x) ? `${x.format} weights "${x.name}"` : "another backend's tensor",
    hint: "Bring it here first: ops.upload(x).",
  });
}
