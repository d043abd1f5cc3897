/** rope, by a table of cosines and sines that the reference's rounding makes. */
import type { Rope } from "../../src/config.ts";
import { ShapeError } from "../../src/errors.ts";
import { frequencies } from "../../src/reference/frequencies.ts";
import type { Device, Kernel } from "./device.ts";
import type { Remote } from "./tensor.ts";
import { BUILTINS, FLAT, groupsOf, head } from "./text.ts";
import type { GPUBuffer } from "../webgpu/webgpu.ts";

/** One thread a pair: y[d] = x[d] cos - x[d + D/2] sin, y[d + D/2] = x[d] sin + x[d + D/2] cos. */
const ROPE: Kernel = {
  name: "rope",
  reads: 2,
  writes: 1,
  code: `${head(["width", "half", "pairs", "pos"], ["x", "turns: vec2f"], ["y"])}
@compute @workgroup_size(64) fn main(${BUILTINS}) {
  let i = ${FLAT};
  if (i >= p.pairs) { return; }
  let d = i % p.half;
  let first = i / p.half * 2 * p.half + d;
  let second = first + p.half;
  let turn = turns[(p.pos + first / p.width) * p.half + d];
  y[first] = x[first] * turn.x - x[second] * turn.y;
  y[second] = x[first] * turn.y + x[second] * turn.x;
}`,
};

interface Table {
  readonly turns: GPUBuffer;
  readonly positions: number;
}

/** The tables by the model's rope: [position, d] of (cos, sin). They double as positions come. */
export class Turns {
  private readonly device: Device;
  private readonly tables = new Map<Rope, Table>();

  constructor(device: Device) {
    this.device = device;
  }

  /** Throws ShapeError if D is odd or does not divide the row. */
  rope(x: Remote, pos: number, R: Rope): Remote {
    const [T = 0, width = 0] = x.shape;
    if (R.D % 2 !== 0 || width % R.D !== 0) {
      throw new ShapeError("E_SHAPE", "rope", {
        expected: `rows of whole heads of ${R.D}, an even number`,
        actual: `[${x.shape.join(" ")}]`,
        hint: "Check head_dim in config.json.",
      });
    }
    const y = this.device.make(x.shape);
    const pairs = x.length / 2;
    this.device.run(ROPE, [x, this.upTo(pos + T, R)], [y], [width, R.D / 2, pairs, pos], groupsOf(pairs));
    return y;
  }

  private upTo(end: number, R: Rope): GPUBuffer {
    const known = this.tables.get(R);
    if (known !== undefined && known.positions >= end) return known.turns;
    if (known !== undefined) this.device.retire(known.turns);
    const positions = Math.max(64, 2 ** Math.ceil(Math.log2(end)));
    const data = turnsOf(R, positions);
    const turns = this.device.constant(data.byteLength);
    this.device.write(turns, 0, data);
    this.tables.set(R, { turns, positions });
    return turns;
  }
}

/** Angle, cosine and sine each rounded to float32, as the reference does. */
function turnsOf(R: Rope, positions: number): Float32Array {
  const { f, attention } = frequencies(R);
  const half = R.D / 2;
  const data = new Float32Array(positions * half * 2);
  for (let at = 0; at < positions * half; at++) {
    const angle = Math.fround(Math.floor(at / half) * f[at % half]!);
    data[2 * at] = Math.fround(Math.cos(angle)) * attention;
    data[2 * at + 1] = Math.fround(Math.sin(angle)) * attention;
  }
  return data;
}
