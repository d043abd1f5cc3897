// %% [markdown]
// # 16 · Learning to think: a cold start, a verifier, and GRPO
//
// A model that has read the web completes text. Ask it for 347 + 586 and it may well go on with another question. QwQ-32B
// thinks for pages, doubts, goes back, and then answers. Nobody wrote those pages for it. It was given problems whose answers can be
// checked, and what led to right answers was made likelier. This notebook goes through that recipe on the model that comes with this
// repository: 1.2 million weights, trained from nothing by the same steps ([docs/training.md](../docs/training.md) is the long story).
//
// One thing first: how QwQ was trained is known from a page of a blog. It says "a cold-start checkpoint", "reinforcement
// learning", "outcome-based rewards", and that answers were verified and programs run. It names no algorithm. GRPO, which we use here,
// is what the Qwen3 report names for Qwen3.
//
// While the small model was trained, it wrote a log: a line a step.

// %%
import { readFileSync } from "node:fs";
import { QwQ, Random } from "qwq-ts";
import { advantages, checkAnswer, clippedObjective, distinct, type Problem } from "qwq-ts/lesson";
import { equal, golden, goldenPath, judge, lines, times } from "qwq-ts/lesson";

type Entry = { stage: string; step: number; values: Partial<Record<string, number>> };
const text = readFileSync(goldenPath("reasoner/log.jsonl"), "utf8").trim();
const log = text.split("\n").map((line) => JSON.parse(line) as Entry);

// %% [markdown]
// ## The picture
//
// Now and then it was asked problems that it never learns from. Here is the share that it got right, drawn at temperature 1,
// as its probabilities are, and greedily, the likeliest token each time. First come 1,900 steps in three rounds, in which
// it copies worked solutions: the *cold start*. The last 120 are reinforcement.

// %%
const tested = [...log.keys()].filter((i) => log[i]!.values["held_sampled"] !== undefined);
const share = (of: string) => tested.map((i) => log[i]!.values[of]!);
const begins = log.findIndex(({ stage }) => stage === "one");
await lines(
  {
    "temperature 1": { x: tested, y: share("held_sampled"), of: "ink" },
    greedy: { x: tested, y: share("held_greedy"), of: "faint" },
    "reinforcement begins": { x: [begins, begins], y: [0, 1], of: "wrong" },
  },
  "The share of right answers rises slowly for 1,900 steps of copying, then at temperature 1 steeply with reinforcement",
  { x: "step", y: "right on held-out problems", yDomain: [0, 1] },
);

// %% [markdown]
// (Each round begins with large steps, which throw the model back before they help.) At the end of the cold start the black
// curve creeps along at 80 %; within 20 steps of reinforcement it is at 93 %. The grey curve hardly
// moves at the end. Both have the same reason. The teacher of the cold start slips, on purpose: in a fifth of its solutions
// one digit is wrong. Whoever copies it learns to slip as often. A slip is rarely the likeliest digit, so that greedy
// decoding does not show it, while a draw of forty tokens is forty chances to slip. Copying cannot unlearn that: it
// *is* what the teacher does. A reward can.
//
// ## Cold start: the form
//
// Why copy at all? Because a reward teaches only what happens. A fresh model writes bytes; it would have to write
// `So 933.`, then `</think>`, then a sentence with the right number, all by chance, before anything could be rewarded. The cold
// start gives it the form and some chance of being right. How fast that goes:

// %%
const cold = log.filter(({ stage, values }) => stage === "cold" && values["held_sampled"] !== undefined);
cold.map(({ step, values }) => `step ${step}: ${(100 * values["held_sampled"]!).toFixed(0)} % right`);

// %% [markdown]
// ## The equation
//
// Draw $G$ replies to one problem. A verifier gives each a reward $R_i$, 1 if the answer is right and 0 if not. What counts
// is how much better a reply was than its siblings, its *advantage*:
//
// $$ A_i = \frac{R_i - \operatorname{mean} R}{\operatorname{std} R} $$
//
// Then every token of a reply with $A > 0$ is made likelier, and of one with $A < 0$ less likely. With $r$ the probability of a token
// now, divided by what it was when the reply was drawn, this is made large:
//
// $$ J = \sum_i \sum_t w_i \min\bigl(r A_i,\; \operatorname{clamp}(r,\, 1 - 0.2,\, 1 + 0.28)\, A_i\bigr) $$
//
// The clamp is a brake. A token that has become 1.28 times as likely earns nothing by becoming likelier still, so that one lucky
// reply cannot drag the whole model along.
//
// ## Twelve lines

// %%
function advantage(R: readonly number[]): number[] {
  const mean = R.reduce((sum, one) => sum + one, 0) / R.length;
  const deviation = Math.sqrt(R.reduce((sum, one) => sum + (one - mean) ** 2, 0) / R.length);
  return R.map((one) => (deviation === 0 ? 0 : (one - mean) / deviation));
}
function gain(r: number, A: number): number {
  const held = Math.min(Math.max(r, 0.8), 1.28);
  return Math.min(r * A, held * A);
}

// %% [markdown]
// ## A number to check by hand
//
// Four replies, one right: $R = (1, 0, 0, 0)$. The mean is $1/4$. The squared distances from it are $9/16$ and three times
// $1/16$, their mean is $3/16$, its root 0.433. The right reply has $A = 0.75 / 0.433 = 1.73$, the others have $-0.58$.
// Together they are nothing: what one gains the others lose. And a group in which all are right, or all are wrong, teaches nothing.

// %%
[advantage([1, 0, 0, 0]), advantage([1, 1, 1, 1])].map((A) => A.map((one) => one.toFixed(2)).join("  "));

// %% [markdown]
// Now the ratio. A token of the right reply that has become twice as likely: $r A = 3.46$, but the clamp leaves
// $1.28 \cdot 1.73 = 2.21$, whatever $r$ does from there, so that its slope is 0. One of a wrong reply that has become twice as likely:
// $r A = -1.16$, and $\min$ takes this and not the milder $1.28 A = -0.74$. The brake works where a step went far enough, never
// where it went the wrong way.

// %%
[1.73, -0.58].map((A) => [0.5, 1, 2].map((r) => gain(r, A).toFixed(2)).join("  "));

// %% [markdown]
// ## Equal to `src`
//
// The library's are [src/training/stages/grpo.ts](../src/training/stages/grpo.ts), which lists the choices in which papers
// differ, and [src/training/policy.ts](../src/training/policy.ts). A hundred groups of eight rewards, drawn:

// %%
const random = new Random(5n);
const groups = times(100, () => times(8, () => Number(random.fraction() < 0.7)));
const theirs = groups.flatMap((R) => advantages(R, "scaled"));
equal("our advantages are src's", Float64Array.from(groups.flatMap(advantage)), Float64Array.from(theirs), { ulps: 1 });

// %% [markdown]
// Both are float64, where a square may be rounded otherwise; one step of float32 is far more than that.
//
// ## Equal to torch
//
// `golden/training/policy` holds 24 tokens with their $-\ln p$ now, their $\ln p$ before, weights and advantages, and the loss that torch
// computed of them in float64. The loss is $-J$, since optimisers make things small.

// %%
const policy = golden("training/policy");
const [nll, before, w, A] = ["nll", "before", "weights", "advantages"].map((name) => policy.values(name));
const parts = times(nll!.length, (t) => w![t]! * gain(Math.exp(-nll![t]! - before![t]!), A![t]!));
const J = parts.reduce((sum, one) => sum + one, 0);
const asked = { advantages: Float32Array.from(A!), before: Float32Array.from(before!), low: 0.2, high: 0.28 };
equal("our -J is torch's loss", [-J], policy.values("loss"), { ulps: 1 });
equal("src's is too", [clippedObjective(nll!, w!, asked).loss], policy.values("loss"), { ulps: 1 });

// %% [markdown]
// ## A group, for real
//
// We ask the model one thing eight times, at temperature 1, each time with another seed. It has been through all of the training; most
// of what it is asked it gets right every time, and would learn no more from. This one it finds hard.

// %%
const model = await QwQ.load();
const asItIs = { temperature: 1, topK: 0, topP: 1 };
const ask = async (prompt: string, seed: number) => (await model.answer(prompt, { ...asItIs, seed })).text;
const replies: string[] = [];
for (let seed = 1; seed <= 8; seed++) replies.push(await ask("What is 305 - 308?", seed));
replies[1]!;

// %% [markdown]
// The verifier looks at what follows `</think>`, and the group at itself:

// %%
const R = replies.map((reply) => Number(checkAnswer(reply, "-3").right));
const signed = (one: number) => (one > 0 ? "+" : "") + one.toFixed(2);
const answers = replies.map((reply) => reply.trim().split("\n").at(-1)!);
advantage(R).map((one, i) => `${signed(one)}  ${answers[i]!}`);

// %% [markdown]
// These would be the weights of one step of training: every token of the right replies up, every token of the wrong ones
// down. Nobody says *where* a wrong one went wrong. But as long as right and wrong replies say the same, what is pushed up is
// pushed down as much, since advantages sum to nothing. What moves is the token at which they part. Here are the first lines of the
// first reply, which is right, and the second:

// %%
replies.slice(0, 2).map((reply) => reply.split("\n")[0]);

// %% [markdown]
// One sign, the very first after 305, decides all that follows, and it is the one that learns.
//
// While the model was trained, this happened 120 times to 32 groups of eight replies. Below, the mean of their rewards, and
// the share of groups that were mixed, some right and some wrong. The more it gets right, the fewer groups are left to learn
// from: this recipe comes to rest by itself.

// %%
const one = log.filter(({ stage }) => stage === "one");
const over = (of: string) => ({ x: one.map(({ step }) => step), y: one.map(({ values }) => values[of]!) });
await lines(
  { "mean reward": { ...over("reward"), of: "ink" }, "mixed groups": { ...over("mixed"), of: "faint" } },
  "The mean reward rises from 0.79 to about 0.95 within 120 steps; mixed groups become rare",
  { x: "step of reinforcement", y: "share", yDomain: [0, 1] },
);

// %% [markdown]
// And ten problems from the part that was kept for testing, in English and Chinese:

// %%
const problems = distinct("arithmetic", "test", 1, 10);
const question = ({ messages }: Problem) => messages[0]!.content as string;
const graded: string[] = [];
for (const [i, problem] of problems.entries()) {
  const { reason } = checkAnswer(await ask(question(problem), i + 1), problem.answer);
  graded.push(`${question(problem)}  ${reason}`);
}
graded;

// %% [markdown]
// On 600 such problems it is right 94.8 % of the time at temperature 1, where the cold start had 77.5 %
// ([its card](../golden/reasoner/README.md)). At the settings that a user would take, 0.6 and top-p 0.95, the cold start had 98.3 %
// and reinforcement brought nothing, it cost two points. The miniature shows how the thing works, not how much it brings a model whose
// mistakes nobody planted.
//
// ## A verifier that is fooled
//
// All of this hangs on who says "right". The obvious verifier looks whether the answer occurs in the reply. Here are some replies to
// 347 + 586, and what two verifiers say of them: the obvious one and [src/verify/answer.ts](../src/verify/answer.ts).

// %%
const said = (thought: string, answer: string) => `${thought}\n</think>\n\n${answer}`;
const tried = {
  honest: said("hundreds: 3+5+1=9\nSo 933.", "The answer is 933."),
  wrong: said("hundreds: 3+5=8\nSo 833.", "The answer is 833."),
  hedged: said("Hard to say.", "The answer is 931, 932, 933 or 934."),
  "thought only": said("It could be 933.", "The answer is 7."),
  endless: "So 933. Wait, let me check. So 933. Wait, let me check.",
};

// %%
type Verifier = (reply: string) => boolean;
const obvious: Verifier = (reply) => reply.includes("933");
const strict: Verifier = (reply) => checkAnswer(reply, "933").right;
Object.entries(tried).map(([name, reply]) => [name, obvious(reply), checkAnswer(reply, "933").reason]);

// %% [markdown]
// The obvious one pays for three that have not answered. Does that matter, if no model would think of such a thing? It need not
// think. Whatever earns is drawn more often; it is enough that it happens once.
//
// We can watch it. The smallest policy there is has three habits: it *reckons* and is right in seven of ten cases; it
// *guesses* a number near 933; or it *lists* them all. Listing is rare at first, eight draws in a hundred. Each step draws eight replies
// and moves the logits $z$ of the habits along $A_i \, (\mathbb{1}[v = v_i] - p_v)$, the slope of $A_i \ln p$.

// %%
function speak(habit: number, random: Random): string {
  const near = String(928 + Math.floor(random.fraction() * 10));
  const reckoned = random.fraction() < 0.7 ? "933" : near;
  const listed = times(10, (i) => 928 + i).join(", ");
  return said("Hm.", `The answer is ${[reckoned, near, listed][habit]!}.`);
}
const softmax = (z: number[]) => z.map((one) => Math.exp(one) / z.reduce((sum, v) => sum + Math.exp(v), 0));

// %%
function draw(p: number[], random: Random): number {
  let left = random.fraction();
  return Math.max(p.findIndex((one) => (left -= one) < 0), 0); // prettier-ignore
}

// %%
function learn(verifier: Verifier, random = new Random(1n)): number[][] {
  const z = [1, 1, -0.8];
  return times(400, () => {
    const p = softmax(z);
    const drawn = times(8, () => draw(p, random));
    const A = advantage(drawn.map((habit) => Number(verifier(speak(habit, random)))));
    drawn.forEach((habit, i) => p.forEach((one, v) => (z[v]! += 0.02 * A[i]! * (Number(v === habit) - one))));
    return p;
  });
}

// %%
const [paidEasily, paidStrictly] = [learn(obvious), learn(strict)];
const curve = (path: number[][], habit: number) => ({ x: times(400, (i) => i), y: path.map((p) => p[habit]!) });
await lines(
  {
    "reckons (strict)": { ...curve(paidStrictly, 0), of: "ink" },
    "reckons (obvious)": { ...curve(paidEasily, 0), of: "faint" },
    "lists (obvious)": { ...curve(paidEasily, 2), of: "wrong" },
  },
  "Paid by the strict verifier the policy comes to reckon; paid by the obvious one it comes to list every number",
  { x: "step", y: "share of the replies", yDomain: [0, 1] },
);

// %% [markdown]
// Nobody told it to cheat. At first reckoning gains, since guessing loses; then what is paid every time wins against what is
// paid most of the time. (Begin with $-1.5$ in place of $-0.8$, where listing is rarer, and it takes much longer.) The
// algorithm does what it is for, and its reward goes up all the while: a reward curve alone does not show this. What the models of this
// repository tried is counted in [docs/training.md](../docs/training.md) (hardly anything: they are too small), with a
// reward model, another network's opinion, that liked nearly everything.

// %%
const mean = (path: number[][], verifier: Verifier) => {
  const [p, random] = [path.at(-1)!, new Random(9n)];
  return times(500, () => Number(verifier(speak(draw(p, random), random)))).reduce((a, b) => a + b) / 500;
};
const row = (path: number[][]) => ({ obvious: mean(path, obvious).toFixed(2), strict: mean(path, strict).toFixed(2) });
({ paidEasily: row(paidEasily), paidStrictly: row(paidStrictly) });

// %% [markdown]
// ## Exercises
//
// **1.** Of eight replies six are right. What is the advantage of a wrong one? On paper; two digits.

// %% tags=["exercise"]
const wrongs: number | undefined = undefined; // such as -0.58

// %%
judge<number>(wrongs, (one) => Math.abs(one + Math.sqrt(3)) < 0.01, "The mean is 3/4, the deviation 0.433 again.");

// %% [markdown]
// Where most are right, it is the rare failure that counts most: each wrong reply weighs three times as much as a right one.
//
// <details><summary>An answer</summary>
//
// ```ts
// const wrongs = -0.75 / Math.sqrt(3 / 16); // -1.73
// ```
//
// </details>
//
// **2.** Write a verifier of your own: it reads what follows the last `</think>`, and is content if the only number there is 933. It must
// say of the five replies above what the strict one says.

// %% tags=["exercise"]
function mine(reply: string): boolean | undefined {
  return undefined; // yours: two or three lines
}

// %%
const verdicts = Object.values(tried).map((reply) => mine(reply));
const whole = verdicts.includes(undefined) ? undefined : verdicts.join();
judge(
  whole,
  (all) => all === Object.values(tried).map(strict).join(),
  "What is left of an endless reply has no answer.",
);

// %% [markdown]
// <details><summary>An answer</summary>
//
// ```ts
// function mine(reply: string): boolean | undefined {
//   const [, ...after] = reply.split("</think>");
//   const numbers = (after.at(-1) ?? "").match(/\d+/g) ?? [];
//   return numbers.length === 1 && numbers[0] === "933";
// }
// ```
//
// Can you fool it? "The answer is 933 or 9 hundred and 34" has three numbers. "It is nine hundred and thirty-four; 933 it is not"
// has one.
//
// </details>
//
// To train one yourself: `npx qwq train cold --out my-reasoner`, then `npx qwq train one --out my-reasoner`.
//
// Next: [17, claims, checked](17-claims.ipynb).
