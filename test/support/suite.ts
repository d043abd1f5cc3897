/**
 * The suite of a backend of gpujs: the page's equations on golden/ops, and whole models of golden/model. It runs under Node
 * and in a browser, so what it finds is numbers, and whoever runs it judges them.
 */
import type { Ops } from "../../src/ops.ts";
import { type Equation, EQUATIONS, ofLargest } from "./equations.ts";
import { golden } from "./golden.ts";
import { model, VARIANTS } from "./models.ts";

/** How far off a backend is, and where. */
export interface Found {
  readonly far: number;
  readonly where: string;
}

export interface Judged {
  /** A claim. */
  readonly name: string;
  /** What `far` may be. */
  readonly most: number;
  run(ops: Ops): Promise<Found>;
}

/** Its outputs are nearly nothing beside their terms: as a share of them, they say nothing of a backend's error. */
const CANCEL = "linear cancel";

/** The unit roundoff of float32. */
const U = 2 ** -24;

/** sum_i |W x| of each of its outputs. */
function magnitudes(): Float64Array {
  const file = golden("ops/linear");
  const [x, W] = [file.tensor<"T I">("cancel.x"), file.tensor<"O I">("cancel.W")];
  const [O = 0, I = 0] = W.shape;
  return Float64Array.from({ length: x.shape[0]! * O }, (_, to) => {
    const [t, o] = [Math.floor(to / O), to % O];
    let sum = 0;
    for (let i = 0; i < I; i++) sum += Math.abs(W.data[o * I + i]! * x.data[t * I + i]!);
    return sum;
  });
}

/** NaN where a number is missing, so that nothing passes. */
function share({ golden: truth }: Equation, y: Float32Array): number {
  return y.length === truth.length ? ofLargest(y, truth) : NaN;
}

/** Float32 sums of up to some thousand terms and exponentials of a GPU; measured are 2e-6 at most. */
function equation(each: Equation): Judged {
  if (each.name === CANCEL) return cancelling(each);
  const run = async (ops: Ops) => ({ far: share(each, await each.run(ops)), where: each.name });
  return { name: `${each.name} is within 1e-5 of the largest output`, most: 1e-5, run };
}

function cancelling({ name, run, golden: truth }: Equation): Judged {
  const of = magnitudes();
  return {
    name: "where all of a sum cancels, what is left is within 8 u sum |w x|",
    most: 8,
    run: async (ops) => {
      const y = await run(ops);
      return { far: Math.max(...of.map((sum, i) => Math.abs(y[i]! - truth[i]!) / (U * sum))), where: name };
    },
  };
}

function whole(name: string): Judged {
  return {
    name: `${name}: every activation of a whole model is within 1e-5 of its largest value`,
    most: 1e-5,
    run: async (ops) => {
      const { taps, f64 } = model(name);
      let worst: Found = { far: 0, where: "" };
      for (const tap of await taps(ops, { want: (tap) => f64.has(tap) })) {
        const far = ofLargest(tap.data.data, f64.values(tap.name));
        if (!(far <= worst.far)) worst = { far, where: tap.name };
        if (Number.isNaN(far)) break;
      }
      return worst;
    },
  };
}

export const SUITE: readonly Judged[] = [...EQUATIONS.map(equation), ...VARIANTS.map(whole)];
