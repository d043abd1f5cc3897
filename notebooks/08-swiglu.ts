// %% [markdown]
// # 08 · SwiGLU: the feed-forward, or where the facts are
//
// After attention has gathered, each token thinks for itself. Its state is widened (in QwQ from 5,120 to 27,648 numbers), passed
// through a bend, and brought back. Two thirds of all weights stand in this part, and much of what a model knows.
//
// The bend is a *gate*. Two matrices read the same state: `up` makes proposals, `gate` says for each of them how much of it may
// pass. A third, `down`, brings what passed back to the stream.

// %%
import { reference } from "qwq-ts";
import { bars, equal, golden, judge, lines } from "qwq-ts/lesson";

const real = golden("lessons/smollm2");
const F = 1536;

// %% [markdown]
// ## The picture
//
// The gate's function is *SiLU*: $g$ times its own sigmoid. A large positive $g$ passes as it is, a large negative one becomes
// nothing, and between them lies a smooth bend with a small dip below zero. Beside it the older ReLU, which has a corner there.

// %%
const silu = (g: number) => g / (1 + Math.exp(-g));
const g = Array.from({ length: 121 }, (_, i) => (i - 60) / 10);
const curves = {
  SiLU: { x: g, y: g.map(silu), of: "F" },
  ReLU: { x: g, y: g.map((v) => Math.max(0, v)), of: "faint" },
} as const;
await lines(curves, "SiLU follows ReLU on both sides, with a smooth dip to -0.28 at -1.28", {
  x: "gate g",
  y: "what it lets through",
});

// %% [markdown]
// And in a real layer: channels 192 to 255 of 1,536, for one token of SmolLM2. Above, the gate; in the middle, what is proposed;
// below, what passes. Most channels are almost shut; one here is wide open, and for other tokens others are. Each stands for
// something that the model has found worth noticing.

// %%
const [gate, up, act] = ["gate", "up", "act"].map((name) => real.values(name).subarray(F, 2 * F));
const part = (row: ArrayLike<number>) => Array.from(row).slice(192, 256);
const panels = { "gate g": part(gate!), "proposal u": part(up!), "passed h": part(act!) };
await bars(panels, "F", "Few channels are wide open", { apart: true });

// %% [markdown]
// How unequal are all 1,536? Sorted by size, the first few stand out, and then comes a long tail of little.

// %%
const sorted = Array.from(act!, Math.abs).sort((a, b) => b - a);
const rank = sorted.map((_, i) => i + 1);
const curve = { "size of h": { x: rank, y: sorted, of: "F" } } as const;
const axes = { x: "channels by size", y: "|h|", log: "x" } as const;
await lines(curve, "A few of 1,536 channels are large, most are near zero", axes);

// %%
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const share = (100 * sum(sorted.slice(0, F / 16))) / sum(sorted);
`the largest ${F / 16} of ${F} channels hold ${share.toFixed(0)} % of the sum`;

// %% [markdown]
// ## The equation
//
// $$ h_f = \operatorname{silu}(g_f)\, u_f = \frac{g_f}{1 + e^{-g_f}}\, u_f, \qquad
//    g = W_{\text{gate}} n, \quad u = W_{\text{up}} n, \quad d = W_{\text{down}} h $$
//
// Why a product, and not just a bend? With a product a channel can ask a question (is this about France?) and answer another
// (then say Paris), each with weights of its own. Shazeer tried several such gates in 2020, found that they all help, and offered
// no reason but "divine benevolence". To pay for the third matrix, $F$ was made smaller: 27,648 is 5.4 $C$ and not 8 $C$.
//
// Mind which of the two is bent: exchange gate and up, and every shape still fits.
//
// ## Twelve lines

// %%
function swiglu(gate: ArrayLike<number>, up: ArrayLike<number>): number[] {
  return Array.from(gate, (g, f) => (g / (1 + Math.exp(-g))) * up[f]!);
}

// %% [markdown]
// ## A check by hand
//
// A gate of 0 passes nothing, whatever is proposed. A gate of 1 passes $1/(1 + e^{-1}) = 0.7311$ of the proposal: of 2, 1.4621. A
// gate of −1 passes $-0.2689$ of it, with the sign turned: of 2, −0.5379.

// %%
swiglu([0, 1, -1], [2, 2, 2])
  .map((h) => h.toFixed(4))
  .join("  ");

// %% [markdown]
// ## Equal to `src`
//
// [src/reference/swiglu.ts](../src/reference/swiglu.ts), on a case that holds the edges: gates of ±100, where $e^{-g}$
// overflows to infinity. $g / \infty$ is zero, and that is the right answer; written as $g \cdot e^g / (1 + e^g)$ it would be
// infinity by infinity, which is no number.

// %%
const cases = golden("ops/swiglu");
const pair = (name: string) => [cases.tensor<"T F">(`${name}.gate`), cases.tensor<"T F">(`${name}.up`)] as const;
for (const name of ["ordinary", "edges"]) {
  const [gate, up] = pair(name);
  const src = await reference.download(reference.swiglu(gate, up));
  equal(`src, ${name}`, Float32Array.from(swiglu(gate.data, up.data)), src.data);
}

// %% [markdown]
// ## Equal to Hugging Face
//
// The truth in float64 we meet to a step of float32. Hugging Face rounds the exponential, the sigmoid, and two products: a few
// steps more.

// %%
const [gateO, upO] = pair("ordinary");
const h = (await reference.download(reference.swiglu(gateO, upO))).data;
equal("the truth", h, cases.values("ordinary.y.f64"), { ulps: 1 });
equal("Hugging Face", h, cases.values("ordinary.y"), { ulps: 5 });

// %% [markdown]
// And the real layer: from its gate and its up Hugging Face made the `h` of the picture.

// %%
const ours = Float32Array.from(swiglu(gate!, up!));
equal("SmolLM2's layer 14", ours, act!, { ulps: 5 });

// %% [markdown]
// ## Exercises
//
// **1.** How many weights have the three matrices of one of QwQ's 64 feed-forwards ($C = 5120$, $F = 27648$), in millions?

// %% tags=["exercise"]
const millions: number | undefined = undefined; // your answer, to one million

// %%
judge<number>(millions, (n) => Math.abs(n - 424.7) < 1, "Three matrices of 5,120 times 27,648.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// Times 64 that is 27.2 of 32.8 billion.
//
// ```ts
// const millions = (3 * 5120 * 27648) / 1e6;
// ```
//
// </details>
//
// **2.** Exchange gate and up, as a bug would, for the real token. What is the largest difference of any channel of $h$?

// %% tags=["exercise"]
function exchanged(gate: ArrayLike<number>, up: ArrayLike<number>): number | undefined {
  return undefined; // yours
}

// %%
const truth = Math.max(...swiglu(gate!, up!).map((h, f) => Math.abs(h - silu(up![f]!) * gate![f]!)));
judge(exchanged(gate!, up!), (most) => Math.abs(most - truth) < 1e-9, "swiglu(gate, up) beside swiglu(up, gate).");

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// function exchanged(gate: ArrayLike<number>, up: ArrayLike<number>): number | undefined {
//   const [right, wrong] = [swiglu(gate, up), swiglu(up, gate)];
//   return Math.max(...right.map((h, f) => Math.abs(h - wrong[f]!)));
// }
// ```
//
// </details>
//
// Next: [09, the block and the residual stream](09-block.ipynb).
