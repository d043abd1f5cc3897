/** The equations without a matrix over the kernels: for prompts, whose activations lie there. */
import type { Rope } from "../../src/config.ts";
import { add as referenceAdd } from "../../src/reference/add.ts";
import { frequencies } from "../../src/reference/frequencies.ts";
import { rmsNorm as referenceNorm } from "../../src/reference/rms-norm.ts";
import { rope as referenceRope } from "../../src/reference/rope.ts";
import { checkRows, data, pair } from "../../src/reference/unwrap.ts";
import type { Tensor } from "../../src/tensor.ts";
import type { Heap } from "./module.ts";
import { PROMPT } from "./products.ts";
import { placed, type Residents } from "./resident.ts";
import type { Team } from "./team.ts";

/** Of few tokens rmsNorm, rope and add are the reference's, from which these do not differ by a bit. */
export class Elementwise {
  private readonly heap: Heap;
  private readonly team: Team;
  private readonly residents: Residents;
  /** Whose cosines and sines lie in the areas now. */
  private turns: { readonly R: Rope; readonly pos: number; readonly T: number; readonly at: number } | undefined;

  constructor(heap: Heap, team: Team, residents: Residents) {
    this.heap = heap;
    this.team = team;
    this.residents = residents;
  }

  /** n = x / rms(x) * g, the reference's bits. Throws ShapeError as the reference. */
  rmsNorm(x: Tensor<"T C">, g: Tensor<"C">, eps: number): Tensor<"T C"> {
    const [T = 0] = x.shape;
    const gain = data(g, "rmsNorm");
    const C = gain.length;
    checkRows(x, C, "rmsNorm", "x");
    if (T < PROMPT || C % 4 !== 0) return referenceNorm(x, g, eps);
    const { heap } = this;
    const n = this.residents.result(heap, T, C);
    const [from, by] = [placed(x, heap, "x", "rmsNorm"), placed(g, heap, "gain", "rmsNorm")];
    this.team.run("rms_norm", from, by, n.at, T, C, eps);
    return n.read();
  }

  /** Each pair of a head turns by its angle, the reference's bits. Throws ShapeError as the reference. */
  rope<A extends "T HD" | "T KD">(x: Tensor<A>, pos: number, R: Rope): Tensor<A> {
    const [T = 0, width = 0] = x.shape;
    if (T < PROMPT || R.D % 8 !== 0 || width % R.D !== 0) return referenceRope(x, pos, R);
    const { heap } = this;
    const y = this.residents.result(heap, T, width);
    const turns = this.table(pos, T, R);
    this.team.run("rope", placed(x, heap, "x", "rope"), turns, y.at, T, width, R.D);
    return y.read();
  }

  /** Cosines and sines [T][2][D / 2], rounded as the reference rounds them; the same for all layers. */
  private table(pos: number, T: number, R: Rope): number {
    const at = this.heap.area("turns", 4 * T * R.D);
    const { turns } = this;
    if (turns?.R === R && turns.pos === pos && turns.T === T && turns.at === at) return at;
    const { f, attention } = frequencies(R);
    const values = this.heap.floats(at, T * R.D);
    const half = R.D / 2;
    for (let t = 0; t < T; t++) {
      for (let d = 0; d < half; d++) {
        const angle = Math.fround((pos + t) * f[d]!);
        values[t * R.D + d] = Math.fround(Math.cos(angle)) * attention;
        values[t * R.D + half + d] = Math.fround(Math.sin(angle)) * attention;
      }
    }
    this.turns = { R, pos, T, at };
    return at;
  }

  /** h = g sigmoid(g) u, within 4 ulp (assembly/swiglu.ts). Throws ShapeError if the two differ in shape. */
  swiglu(gate: Tensor<"T F">, up: Tensor<"T F">): Tensor<"T F"> {
    pair(gate, up, "swiglu");
    return this.two("swiglu", gate, up);
  }

  /** z = x + y, the reference's bits. Throws ShapeError if the two differ in shape. */
  add<A extends string>(x: Tensor<A>, y: Tensor<NoInfer<A>>): Tensor<A> {
    pair(x, y, "add");
    return x.shape.length === 2 && x.shape[0]! >= PROMPT ? this.two("add", x, y) : referenceAdd(x, y);
  }

  private two<A extends string>(kernel: string, x: Tensor<A>, y: Tensor<NoInfer<A>>): Tensor<A> {
    const [T = 0, width = 0] = x.shape;
    const { heap } = this;
    const z = this.residents.result(heap, T, width);
    const [a, b] = [placed(x, heap, "x", kernel), placed(y, heap, "second", kernel)];
    this.team.run(kernel, a, b, z.at, T * width);
    return z.read();
  }
}
