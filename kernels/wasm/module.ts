/** The compiled kernels: what `npm run build` makes of assembly/, and the memory they work in. */
import { LimitError, UsageError } from "../../src/errors.ts";
import { built } from "./built.ts";
import { group, type Group, inside } from "./group.ts";
import { sweep, tile, type Tile } from "./tile.ts";

/** An equation, or a part of one: `thread` of `threads` does its share. */
export type Kernel = (thread: number, threads: number, ...args: number[]) => unknown;

/** What assembly/index.ts exports. */
export type Kernels = Readonly<Record<string, Kernel>>;

const PAGE = 65536;
/** Below it lie the compiler's constants. */
const HEAP_BASE = 2 * PAGE;
/** What 32 bits reach. */
const MOST_PAGES = 65536;

/** Whether threads can share memory here; without it everything runs on one. */
export const SHARES = typeof SharedArrayBuffer !== "undefined";

/** What assembly/relaxed/index.ts's product of known numbers is. */
const PROBED = 156483;

/** The kernels, and the insides of a prompt's products and of attention, which they call. */
export interface Compiled {
  readonly module: WebAssembly.Module;
  readonly tile: Tile;
  readonly group: Group;
}

/**
 * Compiles the kernels of this machine: with shared memory where threads are to work in it, with relaxed SIMD (products of
 * bytes) where the engine has it and multiplies rightly, unless `relaxed` is false. `wide`: see tile.ts.
 *
 * throws   UsageError E_ARG_BACKEND where there is no SIMD, E_INTERNAL where the package was not built
 */
export function compile(shared: boolean, relaxed = true, wide = true): Compiled {
  const name = shared ? "shared" : "alone";
  const insides = () => ({ tile: tile(shared, wide), group: group(shared, wide) });
  const further = relaxed ? built(`${name}-relaxed`) : undefined;
  if (further !== undefined && WebAssembly.validate(further)) {
    const compiled = { module: new WebAssembly.Module(further), ...insides() };
    const memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared });
    if (instantiate(compiled, memory).probe!(0, 1) === PROBED) return compiled;
  }
  const bytes = built(name);
  if (!WebAssembly.validate(bytes)) {
    throw new UsageError("E_ARG_BACKEND", "wasm", {
      expected: "WebAssembly with 128-bit SIMD",
      actual: "an engine without it",
      hint: "Use --backend reference, or a processor and an engine that have it.",
    });
  }
  return { module: new WebAssembly.Module(bytes), ...insides() };
}

/** The kernels, working in `memory`. */
export function instantiate({ module, tile, group }: Compiled, memory: WebAssembly.Memory): Kernels {
  const abort = () => {
    throw new Error("a kernel aborted");
  };
  const env = { memory, abort, sweep: sweep(tile, memory), ...inside(group, memory) };
  return new WebAssembly.Instance(module, { env }).exports as unknown as Kernels;
}

/** A memory of at most `pages`, or of as many as there are addresses for. */
function reserved(shared: boolean, pages: number): { readonly memory: WebAssembly.Memory; readonly most: number } {
  for (let most = pages; most >= 16; most >>= 1) {
    try {
      return { memory: new WebAssembly.Memory({ initial: 16, maximum: most, shared }), most };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new LimitError("E_LIMIT_MEMORY", "wasm", {
    expected: "addresses for the kernels' memory",
    actual: "none that the system would give",
    hint: "Raise the limit (ulimit -v), or use --backend reference.",
  });
}

/** The memory of the kernels: places are given out one after another, and freed with the whole. */
export class Heap {
  readonly memory: WebAssembly.Memory;
  private end = HEAP_BASE;
  private readonly areas = new Map<string, { readonly at: number; readonly bytes: number }>();
  private readonly returned = new Map<number, number[]>();
  private window: Float32Array | undefined;

  private readonly shared: boolean;
  private readonly pages: number;

  /**
   * `pages` of 64 KiB are the most it may grow to: all that 32 bits reach, unless told. Where the system has no addresses for
   * so many (ulimit -v), half of them, and so on.
   *
   * throws   LimitError E_LIMIT_MEMORY where it has none
   */
  constructor(shared: boolean, pages = MOST_PAGES) {
    this.shared = shared;
    const { memory, most } = reserved(shared, pages);
    this.memory = memory;
    this.pages = most;
  }

  /** Another memory like this one, empty. Throws LimitError where the system has no addresses for it. */
  another(): Heap {
    return new Heap(this.shared, this.pages);
  }

  /** Bytes it can have in all. */
  get size(): number {
    return this.pages * PAGE;
  }

  /** Bytes that can still be given out. */
  get left(): number {
    return this.pages * PAGE - this.end;
  }

  /** A place of so many bytes, at a multiple of 64. Throws LimitError E_LIMIT_MEMORY where 4 GiB are not enough. */
  place(bytes: number): number {
    const at = this.end;
    const end = at + Math.ceil(bytes / 64) * 64;
    const pages = Math.ceil(end / PAGE) - this.memory.buffer.byteLength / PAGE;
    try {
      if (pages > 0) this.memory.grow(pages);
    } catch {
      throw new LimitError("E_LIMIT_MEMORY", "wasm", {
        expected: `room for ${bytes} bytes more in the kernels' memory`,
        actual: `${this.left} of ${this.pages * PAGE} left, or a system that gives no more`,
        hint: "Lower --context, or keep fewer weights with --pin-bytes.",
      });
    }
    this.end = end;
    return at;
  }

  /** A place for passing use under that name, of at least so many bytes: what it held is gone when it has to grow. */
  area(name: string, bytes: number): number {
    const known = this.areas.get(name);
    if (known !== undefined && known.bytes >= bytes) return known.at;
    const roomy = Math.max(bytes, 2 * (known?.bytes ?? 0));
    const at = this.place(roomy);
    this.areas.set(name, { at, bytes: roomy });
    return at;
  }

  /** A place like `place`, that can be given back. */
  take(bytes: number): number {
    return this.returned.get(bytes)?.pop() ?? this.place(bytes);
  }

  /** Gives a place of so many bytes back, for the next who takes as many. */
  give(at: number, bytes: number): void {
    const others = this.returned.get(bytes);
    if (others === undefined) this.returned.set(bytes, [at]);
    else others.push(at);
  }

  /** Copies float32 to `at`. */
  write(at: number, values: Float32Array): void {
    this.all().set(values, at / 4);
  }

  /** A copy of `length` float32 from `at` on. */
  read(at: number, length: number): Float32Array {
    return this.all().slice(at / 4, at / 4 + length);
  }

  /** A window on everything. */
  private all(): Float32Array {
    const { buffer } = this.memory;
    if (this.window?.buffer !== buffer) this.window = new Float32Array(buffer);
    return this.window!;
  }

  /** A window on `length` float32 from `at` on; it is valid until the memory grows. */
  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  /** A window on `length` bytes from `at` on; it is valid until the memory grows. */
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }
}
