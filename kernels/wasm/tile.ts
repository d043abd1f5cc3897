/**
 * The inside of a prompt's products (assembly/tile): compiled so that V8 joins its lanes to 256 bits, where it can and does it
 * rightly, and else as it is. Both give the same bits.
 */
import { built, widest } from "./built.ts";
import { faster, named } from "./joined.ts";

/** Sixteen rows by all tokens over a chunk of columns; `shape` names the function of assembly/tile that suits the engine. */
export interface Tile {
  readonly module: WebAssembly.Module;
  readonly shape: "narrow" | "wide";
}

type Sweep = (w: number, sw: number, x: number, sx: number, columns: number, T: number, c: number) => void;
type Shapes = Readonly<Record<Tile["shape"], Sweep>>;

/** Chooses by trying. `wide`: whether joined lanes may be used at all. */
export function tile(shared: boolean, wide = true): Tile {
  const bytes = built(shared ? "tile-shared" : "tile-alone");
  const joined = wide ? widest(() => new WebAssembly.Module(named(bytes))) : undefined;
  if (joined !== undefined && new Trial(joined, shared).passed()) return { module: joined, shape: "wide" };
  return { module: new WebAssembly.Module(bytes), shape: "narrow" };
}

/** The function, working in `memory`. */
export function sweep({ module, shape }: Tile, memory: WebAssembly.Memory): Sweep {
  return (new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Shapes)[shape];
}

const ROWS = 16;
const COLUMNS = 256;
const TOKENS = 6;
/** Where things lie in the trial's memory. */
const AT = { w: 1 << 17, sw: 1 << 18, x: 3 << 17, sx: 1 << 19, c: 5 << 17 } as const;

/** A product of known numbers: whether it is right, and whether three tokens at once are faster than two. */
class Trial {
  private readonly memory: WebAssembly.Memory;
  private readonly shapes: Shapes;

  constructor(module: WebAssembly.Module, shared: boolean) {
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    this.shapes = exports as unknown as Shapes;
    const { buffer } = this.memory;
    const drawn = (i: number) => ((i * 7919 + (i >> 3) * 104729) % 8185) - 4092;
    new Int16Array(buffer, AT.w, ROWS * COLUMNS).forEach((_, i, w) => (w[i] = drawn(i)));
    new Int16Array(buffer, AT.x, TOKENS * COLUMNS).forEach((_, i, x) => (x[i] = drawn(i + 5)));
    new Float32Array(buffer, AT.sw, ROWS).forEach((_, i, sw) => (sw[i] = 0.01 / (i + 1)));
    new Float32Array(buffer, AT.sx, TOKENS).forEach((_, i, sx) => (sx[i] = 0.03 * (i + 1)));
  }

  passed(): boolean {
    this.run("wide");
    return this.right() && faster("wide", "narrow", 50, (shape) => this.run(shape));
  }

  private run(shape: Tile["shape"]): void {
    this.shapes[shape](AT.w, AT.sw, AT.x, AT.sx, COLUMNS, TOKENS, AT.c);
  }

  private right(): boolean {
    const { buffer } = this.memory;
    const [w, x] = [new Int16Array(buffer, AT.w), new Int16Array(buffer, AT.x)];
    const [sw, sx, c] = [AT.sw, AT.sx, AT.c].map((at) => new Float32Array(buffer, at)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (let t = 0; t < TOKENS; t++) {
      for (let r = 0; r < ROWS; r++) {
        let sum = 0;
        for (let i = 0; i < COLUMNS; i++) sum += w[(i >> 1) * 2 * ROWS + 2 * r + (i & 1)]! * x[t * COLUMNS + i]!;
        if (c[t * ROWS + r] !== Math.fround(Math.fround(sum) * Math.fround(sw[r]! * sx[t]!))) return false;
      }
    }
    return true;
  }
}
