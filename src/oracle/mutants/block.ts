/** What is wrong about the block as a whole: gate, residual stream, range. */
import type { Ops } from "../../ops.ts";
import type { Tensor } from "../../tensor.ts";
import { GATE, type GateSettings } from "../numbers/elementwise.ts";
import { asRows, asTensor, Rows } from "../numbers/rows.ts";
import { LAYER_TAPS } from "../taps.ts";
import { atCalls, type Family, type Mutant, paged } from "./mutant.ts";

export const block: Family = () => [
  gating("act-gelu", "erf", { activation: "gelu" }),
  gating("act-gelu", "tanh", { activation: "gelu-tanh" }),
  gating("act-gelu", "quick", { activation: "gelu-quick" }),
  gating("act-swap", "the activation on up", { swapped: true }),
  {
    code: "act-swap",
    variant: "gate and up exchanged",
    edit: (run) => ({ ...run, W: { ...run.W, Wgate: run.W.Wup, Wup: run.W.Wgate } }),
  },
  forgetting("residual-attn", 0),
  forgetting("residual-mlp", 1),
  clamping("every operation", undefined),
  ...Object.keys(LAYER_TAPS).map((short, n) => clamping(short, n)),
];

function gating(code: string, variant: string, change: Partial<GateSettings>): Mutant {
  return {
    code,
    variant,
    edit: (run) => {
      const other = run.ops.with({ gate: { ...GATE, ...change } });
      return paged(run, () => ({ swiglu: other.swiglu }));
    },
  };
}

/** The n-th sum of the block is what was to be added alone. */
function forgetting(code: string, call: number): Mutant {
  return {
    code,
    edit: (run) => paged(run, (page) => ({ add: atCalls(page.add, (_, y) => y, [call]) as typeof page.add })),
  };
}

/** The largest float16. */
const MOST = 65504;

/** What is larger is cut to it, at every operation or at the n-th of the page. */
function clamping(variant: string, call: number | undefined): Mutant {
  return { code: "overflow-f16", variant, edit: (run) => paged(run, (page) => clamped(page, call)) };
}

function clamped(page: Ops, call: number | undefined): Partial<Ops> {
  let calls = 0;
  const cut = <A extends string>(y: Tensor<A>): Tensor<A> => {
    const here = call === undefined || call === calls++;
    return here ? limited(y) : y;
  };
  return {
    rmsNorm: (...args) => cut(page.rmsNorm(...args)),
    linear: (...args) => cut(page.linear(...args)),
    rope: (...args) => cut(page.rope(...args)),
    attention: (...args) => cut(page.attention(...args)),
    swiglu: (...args) => cut(page.swiglu(...args)),
    add: (...args) => cut(page.add(...args)),
  } satisfies Partial<Ops>;
}

function limited<A extends string>(y: Tensor<A>): Tensor<A> {
  const rows = asRows(y);
  const [T, width] = rows.shape;
  return asTensor(
    new Rows(T, width, (wanted, into) => {
      const data = rows.need(wanted);
      for (const t of wanted) {
        for (let i = t * width; i < (t + 1) * width; i++) into[i] = Math.max(-MOST, Math.min(MOST, data[i]!));
      }
    }),
  );
}
