/**
 * The matrix products (assembly/training/product.ts): compiled so that V8 joins their lanes to 256 bits, where it can, and does
 * it rightly and to advantage; else as they are. Both give the same bits.
 */
import { built, widest } from "../wasm/built.ts";
import { fastest, named } from "../wasm/joined.ts";

type Multiply = (...args: number[]) => void;

/** What the module exports. */
export interface Products {
  readonly product: Multiply;
  readonly slopes: Multiply;
}

/** Products of joined lanes; undefined where there are none, or they are not better. */
export function joined(): WebAssembly.Module | undefined {
  const bytes = built("training-products");
  const module = widest(() => new WebAssembly.Module(named(bytes)));
  if (module === undefined) return undefined;
  const trial = new Trial(module, new WebAssembly.Module(bytes));
  return trial.same() && trial.faster() ? module : undefined;
}

/** Rows, inputs and outputs of the trial: some of each beyond whole tiles. */
const [T, I, O] = [67, 40, 44];
/** Where things lie in the trial's memory. */
const AT = { x: 1 << 17, w: 1 << 18, y: 3 << 17, zero: 1 << 19, edge: 5 << 17 } as const;
const SIZE = 8192;

/** A product of drawn numbers by both. */
class Trial {
  private readonly memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true });
  private readonly ways: Readonly<Record<"wide" | "narrow", Products>>;

  constructor(wide: WebAssembly.Module, narrow: WebAssembly.Module) {
    const instance = (module: WebAssembly.Module) =>
      new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports as unknown as Products;
    this.ways = { wide: instance(wide), narrow: instance(narrow) };
    for (const at of [AT.x, AT.w]) this.floats(at).forEach((_, i, x) => (x[i] = Math.sin(i * i + at)));
  }

  /** Whether both have the same bits, forwards and of slopes. */
  same(): boolean {
    const made = (["wide", "narrow"] as const).map((way) => {
      const { product, slopes } = this.ways[way];
      product(AT.x, AT.w, AT.zero, 0, AT.y, T, I, O, AT.edge);
      const forward = this.floats(AT.y).slice();
      slopes(AT.x, AT.w, AT.y, 4 * O, AT.y, I, O, T, AT.edge);
      return [...forward, ...this.floats(AT.y)];
    });
    return made[0]!.every((value, i) => Object.is(value, made[1]![i]));
  }

  faster(): boolean {
    const ways = ["narrow", "wide"] as const;
    const run = (way: "narrow" | "wide") => this.ways[way].product(AT.x, AT.w, AT.zero, 0, AT.y, T, I, O, AT.edge);
    return fastest(ways, 20, run) === "wide";
  }

  private floats(at: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, SIZE);
  }
}
