/** The compiled kernels of training: what `npm run build` makes of kernels/wasm/assembly/training. */
import { LimitError, UsageError } from "../../src/errors.ts";
import { built } from "../wasm/built.ts";
import { joined, type Products } from "./products.ts";

type Kernel = (...args: number[]) => void;

/** What assembly/training/index.ts exports; addresses are bytes, sizes are counts of values. */
export interface Kernels extends Products {
  readonly panels: Kernel;
  readonly transposed: Kernel;
  readonly quads: Kernel;
  readonly norm: Kernel;
  readonly normBack: Kernel;
  readonly embed: Kernel;
  readonly embedBack: Kernel;
  readonly sums: Kernel;
  readonly rope: Kernel;
  readonly swiglu: Kernel;
  readonly swigluBack: Kernel;
  readonly likelihood: Kernel;
  readonly logitSlopes: Kernel;
  readonly attend: Kernel;
  readonly attendBack: Kernel;
  readonly attendCached: Kernel;
  readonly keep: Kernel;
  readonly gather: Kernel;
  readonly squares: (x: number, n: number) => number;
  readonly shorten: Kernel;
  readonly adamw: Kernel;
  readonly clear: Kernel;
}

const PAGE = 65536;
/** What the compiled kernels ask for at least: their constants lie in the first two. */
const FIRST_PAGES = 16;
/** 2 GiB: an address is then a number above 0, with or without a sign. */
const MOST_PAGES = 32768;

/** The kernels, and their products once more where the engine joins lanes. */
export interface Compiled {
  readonly module: WebAssembly.Module;
  readonly products: WebAssembly.Module | undefined;
}

/** Compiles them. Throws UsageError E_ARG_BACKEND where there is no SIMD, QwqError E_INTERNAL where nothing was built. */
export function compile(): Compiled {
  const bytes = built("training");
  if (WebAssembly.validate(bytes)) return { module: new WebAssembly.Module(bytes), products: joined() };
  throw new UsageError("E_ARG_BACKEND", "training", {
    expected: "WebAssembly with 128-bit SIMD and shared memory",
    actual: "an engine without them",
    hint: "Use the reference learner.",
  });
}

/** The kernels, working in `memory`: each thread has its own. */
export function instantiate({ module, products }: Compiled, memory: WebAssembly.Memory): Kernels {
  const abort = () => {
    throw new Error("a kernel aborted");
  };
  const exports = (each: WebAssembly.Module) => new WebAssembly.Instance(each, { env: { memory, abort } }).exports;
  const kernels = exports(module) as unknown as Kernels;
  if (products === undefined) return kernels;
  return { ...kernels, ...(exports(products) as unknown as Products) };
}

/** A memory that all threads see. */
export function shared(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES, shared: true });
}

/**
 * Places in the memory for one thread's use. Each takes whole pages from the memory's end, which threads do one after another,
 * so that no two have the same.
 */
export class Arena {
  private readonly memory: WebAssembly.Memory;
  private readonly areas = new Map<string, { readonly at: number; readonly bytes: number }>();

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /** A place of so many bytes, zeros. Throws LimitError E_LIMIT_MEMORY where there is none left. */
  place(bytes: number): number {
    try {
      return this.memory.grow(Math.ceil(bytes / PAGE)) * PAGE;
    } catch {
      throw new LimitError("E_LIMIT_MEMORY", "training", {
        expected: `room for ${bytes} bytes more`,
        actual: `${this.memory.buffer.byteLength} of ${MOST_PAGES * PAGE} taken`,
        hint: "Give shorter sequences, a smaller model or fewer threads.",
      });
    }
  }

  /** The place of that name, of at least so many bytes: what it held is gone when it has to grow. */
  area(name: string, bytes: number): number {
    const known = this.areas.get(name);
    if (known !== undefined && known.bytes >= bytes) return known.at;
    const roomy = Math.max(bytes, Math.ceil(1.5 * (known?.bytes ?? 0)));
    const at = this.place(roomy);
    this.areas.set(name, { at, bytes: roomy });
    return at;
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  doubles(at: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, at, length);
  }

  words(at: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, at, length);
  }
}
