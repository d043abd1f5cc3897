/**
 * The inside of attention (assembly/group): with products and sums rounded once where the engine has relaxed SIMD, and compiled
 * so that V8 joins its lanes to 256 bits, where it can and does it rightly. The lanes change no bit.
 */
import { built, relaxing, widest } from "./built.ts";
import { fastest, named } from "./joined.ts";

/** The heads of a group by a block of keys or values; `shape` names the function of assembly/group that suits the engine. */
export interface Group {
  readonly module: WebAssembly.Module;
  readonly shape: "narrow" | "wide";
}

type Multiply = (
  heads: number,
  a: number,
  b: number,
  panel: number,
  depth: number,
  panels: number,
  c: number,
  more: number,
) => void;
type Shapes = Readonly<Record<Group["shape"], Multiply>>;
type Soften = (heads: number, x: number, count: number, c: number, sums: number) => void;

/**
 * Chooses by trying: the module as it is, or its lanes joined, in either shape. `wide`: whether joined lanes may be used at all.
 */
export function group(shared: boolean, wide = true): Group {
  const name = shared ? "group-shared" : "group-alone";
  const relaxed = built(`${name}-relaxed`);
  const takes = relaxing(() => WebAssembly.validate(relaxed));
  const bytes = takes ? relaxed : built(name);
  const joined = wide ? widest(() => new WebAssembly.Module(named(bytes))) : undefined;
  const fused = new Trial({ module: relaxing(() => new WebAssembly.Module(bytes)), shape: "narrow" }, shared);
  const plain =
    !takes || fused.right()
      ? fused
      : new Trial({ module: new WebAssembly.Module(built(name)), shape: "narrow" }, shared);
  if (joined === undefined) return plain.group;
  const shapes = (["wide", "narrow"] as const).map((shape) => new Trial({ module: joined, shape }, shared));
  return fastest([plain, ...shapes.filter((trial) => trial.right())], 50, (trial) => trial.run(0)).group;
}

/** What the kernels import of it, working in `memory`. */
export function inside({ module, shape }: Group, memory: WebAssembly.Memory): { multiply: Multiply; soften: Soften } {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { [shape]: multiply, soften } = exports as unknown as Shapes & { soften: Soften };
  return { multiply, soften };
}

const HEADS = 7;
const DEPTH = 64;
const PANELS = 8;
/** Numbers of a row: ROW of assembly/state.ts. */
const ROW = 272;
/** Where things lie in the trial's memory. */
const AT = { a: 1 << 17, b: 1 << 18, c: 1 << 19 } as const;

/** A product of known numbers. */
class Trial {
  readonly group: Group;
  private readonly memory: WebAssembly.Memory;
  private readonly multiply: Multiply;

  constructor(group: Group, shared: boolean) {
    this.group = group;
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared });
    this.multiply = inside(group, this.memory).multiply;
    const { buffer } = this.memory;
    const drawn = (i: number) => ((i * 7919 + (i >> 3) * 104729) % 201) - 100;
    new Float32Array(buffer, AT.a, HEADS * ROW).forEach((_, i, a) => (a[i] = drawn(i)));
    new Float32Array(buffer, AT.b, DEPTH * PANELS * 8).forEach((_, i, b) => (b[i] = drawn(i + 5)));
  }

  run(more: number): void {
    this.multiply(HEADS, AT.a, AT.b, DEPTH * 32, DEPTH, PANELS, AT.c, more);
  }

  /** Whether c becomes the product, and twice that: whole numbers, so no sum is rounded. */
  right(): boolean {
    this.run(0);
    this.run(1);
    const [a, b, c] = [AT.a, AT.b, AT.c].map((at) => new Float32Array(this.memory.buffer, at)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (let h = 0; h < HEADS; h++) {
      for (let i = 0; i < PANELS * 8; i++) {
        let sum = 0;
        for (let r = 0; r < DEPTH; r++) sum += a[h * ROW + r]! * b[(i >> 3) * DEPTH * 8 + r * 8 + (i & 7)]!;
        if (c[h * ROW + i] !== 2 * sum) return false;
      }
    }
    return true;
  }
}
