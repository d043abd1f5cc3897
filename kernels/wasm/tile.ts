/**
 * The inside of a prompt's products (assembly/tile): compiled so that V8 joins its lanes to 256 bits, where it can and does it
 * rightly, and else as it is. Both give the same bits.
 */
import { built, widest } from "./built.ts";
import { fastest, named } from "./joined.ts";

/** Sixteen rows by all tokens over a chunk of columns; `shape` names the function of assembly/tile that suits the engine. */
export interface Tile {
  readonly module: WebAssembly.Module;
  readonly shape: "narrow" | "wide";
  /** Whether its lanes are joined. */
  readonly wide: boolean;
}

type Sweep = (w: number, sw: number, x: number, sx: number, columns: number, T: number, c: number) => void;
type Shapes = Readonly<Record<Tile["shape"], Sweep>>;

/**
 * Chooses by trying: the module as it is, two tokens at once, or its lanes joined, two tokens or three. `wide`: whether joined
 * lanes may be used at all.
 */
export function tile(shared: boolean, wide = true): Tile {
  const bytes = built(shared ? "tile-shared" : "tile-alone");
  const plain: Tile = { module: new WebAssembly.Module(bytes), shape: "narrow", wide: false };
  const joined = wide ? widest(() => new WebAssembly.Module(named(bytes))) : undefined;
  if (joined === undefined) return plain;
  const shapes = (["wide", "narrow"] as const).map((shape) => new Trial({ module: joined, shape, wide: true }, shared));
  const trials = shapes.filter((trial) => trial.right());
  return fastest([new Trial(plain, shared), ...trials], 100, (trial) => trial.run()).tile;
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

/** A product of known numbers. */
class Trial {
  readonly tile: Tile;
  private readonly memory: WebAssembly.Memory;
  private readonly sweep: Sweep;

  constructor(tile: Tile, shared: boolean) {
    this.tile = tile;
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: 16, shared });
    this.sweep = sweep(tile, this.memory);
    const { buffer } = this.memory;
    const drawn = (i: number) => ((i * 7919 + (i >> 3) * 104729) % 8185) - 4092;
    new Int16Array(buffer, AT.w, ROWS * COLUMNS).forEach((_, i, w) => (w[i] = drawn(i)));
    new Int16Array(buffer, AT.x, TOKENS * COLUMNS).forEach((_, i, x) => (x[i] = drawn(i + 5)));
    new Float32Array(buffer, AT.sw, ROWS).forEach((_, i, sw) => (sw[i] = 0.01 / (i + 1)));
    new Float32Array(buffer, AT.sx, TOKENS).forEach((_, i, sx) => (sx[i] = 0.03 * (i + 1)));
  }

  run(): void {
    this.sweep(AT.w, AT.sw, AT.x, AT.sx, COLUMNS, TOKENS, AT.c);
  }

  /** Whether the first run, into zeros, gives what it should. */
  right(): boolean {
    this.run();
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
