// %% [markdown]
// # 17 · Claims, checked: what is said of QwQ-32B, and what is true
//
// When QwQ-32B appeared in March 2025, articles about it were copied from page to page: how large it is, what card it runs
// on, what it scores, how it was trained. Much of that is true, some is true of another model, and some was never true. After
// sixteen notebooks you can tell which, and for most of it you need no model at all: a config of twenty lines and arithmetic.
//
// We take 41 claims as they were made and sort them by *how one could know*. Some follow from the config. Some were measured
// here. Some stand in the authors' own report and nowhere else. And some nobody outside can check. A claim of that last kind
// is not false; but whoever repeats it has not checked it either.

// %%
import { block, type Config, QWQ_32B as qwq } from "qwq-ts";
import { cacheBytes, CHART_ROWS, equal, judge, lines, measured, parameters } from "qwq-ts/lesson";
import { places, stacks, storedForms, table, times, WRONG } from "qwq-ts/lesson";

const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);
const sizeOf = (names: RegExp) =>
  sum(places(qwq).map(({ ours, rows, columns }) => (names.test(ours) ? rows * columns : 0)));

// %% [markdown]
// ## The picture
//
// Where 32 billion parameters lie, and what one token reads of them: every matrix of every layer, and of the embedding a single
// row. Below it what one of the claims says, that a simple task activates a fifth. Norms and biases are there too, but too thin
// to be seen.

// %%
const parts = {
  "feed-forward": sizeOf(/gate|up|down/) / 1e9,
  attention: sizeOf(/^[Wb][qkvo]$/) / 1e9,
  unembedding: sizeOf(/^U$/) / 1e9,
  embedding: sizeOf(/^E$/) / 1e9,
};

// %% [markdown]
// Each colour is an axis of its own: the feed-forward width, the heads, the vocabulary, and for the embedding the tokens, since
// it is read by the token. Five sixths of the model are the three matrices of the feed-forward part, which treat every token by
// itself; attention, from which all of this has its name, is an eighth.

// %%
const whole = { "all parameters": parts, "read for a token": { ...parts, embedding: 0 } };
const rows = { ...whole, "as is claimed": { claimed: (0.2 * parameters(qwq)) / 1e9 } };
const partColours = {
  "feed-forward": "F",
  attention: "H",
  unembedding: "V",
  embedding: "T",
  claimed: "faint",
} as const;
const seen = "A token reads all that there is, but for the other rows of the embedding";
await stacks(rows, partColours, seen, { x: "billions of parameters" });

// %% [markdown]
// ## The equation
//
// $$ N = \underbrace{2VC}_{\text{embedding, unembedding}} + \; l\,\bigl(\underbrace{2\,C\,HD + 2\,C\,KD}_{\text{attention}}
//    + \underbrace{HD + 2KD}_{\text{biases}} + \underbrace{3\,CF}_{\text{feed-forward}} + \underbrace{2C}_{\text{gains}}\bigr) + C $$
//
// The whole model is in these letters; each is a number in its config. All claims about memory begin here.
//
// ## Twelve lines

// %%
function count({ layers, channels: C, heads, keyHeads, headSize: D, feedForward: F, vocabulary: V }: Config) {
  const [HD, KD] = [heads * D, keyHeads * D];
  const attention = 2 * C * HD + 2 * C * KD + HD + 2 * KD;
  const layer = attention + 3 * C * F + 2 * C;
  return 2 * V * C + layers * layer + C;
}

// %% [markdown]
// ## A check by hand
//
// One matrix of the feed-forward part has $5120 \cdot 27648 = 141{,}557{,}760$ numbers, and there are three a layer. With 64
// layers that is 27.18 billion. The embedding has $152064 \cdot 5120 = 778{,}567{,}680$, and the unembedding as many: 1.56
// billion. Attention must have the rest, about 4 billion. The sum, and the bytes of it at two bytes a number:

// %%
const N = count(qwq);
[N, 2 * N].map((n) => n.toLocaleString("en-US"));

// %% [markdown]
// ## Equal to `src`
//
// The library counts otherwise: it goes through the table of all 771 weights
// ([src/library/storage.ts](../src/library/storage.ts)) and adds up their sizes.

// %%
equal("the equation is the sum of 771 weights", [N, 771], [parameters(qwq), places(qwq).length]);

// %% [markdown]
// ## Equal to Hugging Face
//
// The index of the published checkpoint says how many bytes its fourteen files hold: `total_size`, 65,527,752,704. And this
// repository drew a checkpoint of that very shape and gave it to Hugging Face's own layers, which took every weight and came to
// the same activations ([docs/full-32b.md](../docs/full-32b.md)).

// %%
interface Full {
  checkpoint: { weightBytes: number; tensors: number };
  run: { peakBytes: number };
}
const full = measured<Full>("full-32b");
equal("bytes in bfloat16", [2 * N, 2 * N], [65_527_752_704, full.checkpoint.weightBytes]);

// %% [markdown]
// ## What counts as true
//
// A rule has to stand before the first verdict, or one finds what one likes. A number is *true* if it is within 3 % of what it
// is about: numbers in articles have two digits, and to cut 32.8 down to 32 is no lie. Within 10 % it is *partly* true. So is a
// claim that holds under a condition which it does not mention. What cannot be known is *open*. Where the lines are drawn is a
// choice; it is the same for all, and you can change it and see which verdicts turn.

// %%
type Verdict = "true" | "partly" | "false" | "open";
const holds = (always: boolean, sometimes = always): Verdict => (always ? "true" : sometimes ? "partly" : "false");
function about(said: number, is: number): Verdict {
  const off = Math.abs(said / is - 1);
  return holds(off <= 0.03, off <= 0.1);
}

// %% [markdown]
// By hand: "32 billion" against 32.76 is 2.3 % off, true. "24 GB" for a model of 32.8 GB would be 27 % off, false. Every verdict
// goes on one list, with how it can be known and what is so.

// %%
type Way = "config" | "measured" | "report" | "nobody";
const judged: { n: number; claim: string; way: Way; verdict: Verdict; so: string }[] = [];
function say(n: number, claim: string, way: Way, verdict: Verdict, so: string): void {
  judged.push({ n, claim, way, verdict, so });
}
[about(32, 32.76), about(24, 32.76)];

// %% [markdown]
// ## From the config
//
// The size of the model, its layers, its heads. The comparison with DeepSeek-R1's 671 billion parameters holds, but R1 is a
// mixture of experts and uses 37 billion of them for a token, hardly more than QwQ does. "Generalised" query attention is a
// mistranslation that went far: the queries are *grouped* (notebook 07). A 131,072-token context is there, if YaRN stretches
// the positions by four (notebook 14); the config as it stands today says 40,960.

// %%
const shared = qwq.heads === 40 && qwq.keyHeads === 8;
say(1, "32 billion parameters", "config", about(32, N / 1e9), `${(N / 1e9).toFixed(2)} billion`);
say(2, "a 21st of DeepSeek-R1's 671 billion", "config", about(21, 671e9 / N), `a ${(671e9 / N).toFixed(1)}th`);
say(4, "64 layers, rotary positions", "config", holds(qwq.layers === 64 && qwq.rope.D === 128), "as said");
say(5, "a context of 131k tokens", "config", holds(qwq.context >= 131e3, 4 * 32_768 >= 131e3), "with YaRN only");
say(6, '"generalised" query attention, 40 to 8 heads', "config", holds(false, shared), "grouped, not generalised");

// %% [markdown]
// SwiGLU is on the page, as it is in every model since Llama (notebook 08). Then a claim that sounds deep: RMSNorm "and optimised
// attention biases" are said to make gradients stable. The biases exist, on queries, keys and values (04), and nowhere else. That
// they have to do with gradients no source says.

// %%
const page = String(block);
const biased = [...new Set(places(qwq).map(({ ours }) => ours))].filter((name) => name.startsWith("b"));
say(7, "SwiGLU in place of ReLU", "config", holds(page.includes("swiglu")), "as in all models of its time");
say(8, "RMSNorm and biases steady gradients", "config", holds(false, biased.length === 3), `${biased.join()} exist`);
biased;

// %% [markdown]
// ## Memory
//
// "24 GB are enough." For what? The same weights can be kept in many forms (notebook 12), and besides them stands the cache, which
// grows with each token (07). Here are some forms, with a cache for 32,768 tokens, which is what QwQ's authors let it think. The
// dashed line is one card with 24 GB.

// %%
const bytes = new Map(storedForms(qwq).map(({ key, bytes }) => [key, bytes]));
const GB = (key: string) => bytes.get(key)! / 1e9;
const cache = (tokens: number) => (cacheBytes(qwq).bf16 * tokens) / 1e9;
const keys = ["bf16", "gguf-q8_0", "gguf-q6_k", "gguf-q4_k_m", "awq", "gguf-q2_k"];
const memory = Object.fromEntries(keys.map((key) => [key, { weights: GB(key), cache: cache(32_768) }]));
const card = { at: 24, text: "a card of 24 GB" };
const fits = "With its cache for 32,768 tokens only the form of two bits is within 24 GB";
await stacks(memory, { weights: "ink", cache: "K" }, fits, { x: "GB", bound: card });

// %% [markdown]
// So 24 GB hold the weights at four bits, and then not the whole of a long thought. Four bits are not free either: on the small
// model on which it was measured here, a ninth to a third of all next tokens became others, as the format went
// ([docs/quantisation.md](../docs/quantisation.md)). At eight bits it was one in twenty-five or fewer. That eight bits bring QwQ
// "from 24 GB down to 8" is wrong at both ends: in full it has 65.5 GB, and eight bits, a byte for each of its 32.8 billion
// numbers, cannot be less than 32.8.
//
// Whoever reads that a model "runs on" something should ask three things: in which form, for how many tokens of context, and how
// fast. A claim that answers none of them can be neither true nor false, only lucky.

// %%
const room = Math.floor((24 - GB("awq")) / cache(1));
const roomText = `at 4 bits, ${room.toLocaleString("en-US")} tokens`;
const eight = `${GB("bf16").toFixed(1)} down to ${GB("int8").toFixed(1)}`;
say(3, "24 GB of memory are enough", "config", holds(GB("bf16") <= 24, GB("awq") <= 24), "at 4 bits");
say(11, "8 bits: from 24 GB down to 8", "config", about(8, GB("int8")), eight);
say(12, "one RTX 4090 runs it", "config", holds(GB("gguf-q8_0") <= 24, GB("awq") <= 24), roomText);

// %% [markdown]
// The comparisons with R1 mix what is stored with how it is stored. R1 comes in eight bits, QwQ in sixteen. Like for like the
// ratio is that of the parameters, a twentieth. A sixtieth comes out if one takes R1 in more bits than QwQ (the second
// exercise). And R1 in its own eight bits does not fit on eight cards of 80 GB, which cannot compute in that format anyway.

// %%
const four = GB("bf16") + cache(32_768);
say(28, "R1 runs on 8 A100 of 80 GB", "config", holds(671 <= 8 * 80), "671 GB of weights, 640 GB of cards");
say(29, "QwQ runs on 4 RTX 4090", "config", holds(four <= 4 * 24), `${four.toFixed(1)} GB with 32,768 tokens`);
say(32, "a 60th of R1's memory", "config", about(60, 671e9 / N), "a 20th, like for like");

// %% [markdown]
// ## Measured here
//
// "From 8 GB on, at 2 to 8 bits": no form that the authors publish is so small; the smallest, of two bits, has 12.3 GB. On the
// other hand, a program that reads the weights from disk layer by layer needs no 8 GB at all. This repository ran the whole
// shape in bfloat16, and the most memory it held at once is in its results. A token took it more than a minute. Memory buys
// speed; it is not what makes a model run at all (notebook 11). So the claim is wrong in both ways: too low for a graphics card,
// and too high for a patient program.

// %%
const peak = full.run.peakBytes / 1e9;
const least = holds(GB("gguf-q2_k") <= 8 && peak >= 8);
say(31, "2 to 8 bits, 8 GB at the least", "measured", least, `2 bits ${GB("gguf-q2_k").toFixed(1)}, from disk 0.9`);
`${peak.toFixed(2)} GB at the most`;

// %% [markdown]
// "Dynamic computing: simple tasks activate only 20 % of the parameters." This can be counted while a model runs: which parameters
// are read for an easy prompt, and which for a hard one. SmolLM2 has QwQ's page, without the biases. For QwQ itself the config tells: all
// but the embedding's other rows. A layer that left some of its matrices out would need a line that chooses which, a *router*, as
// mixtures of experts have one; the page (notebook 09) has no such line, and the checkpoint no weights for it.

// %%
interface Sparsity {
  models: { smollm2: { touched: { prompt: string; parameters: number }[] } };
}
const [easy, hard] = measured<Sparsity>("sparsity").models.smollm2.touched;
equal(`"${easy!.prompt}" reads what a hard prompt reads`, [easy!.parameters], [hard!.parameters]);
const share = 1 - sizeOf(/^E$/) / N;
say(13, "simple tasks use 20 % of it", "measured", about(0.2, share), `${(100 * share).toFixed(1)} %, always`);

// %% [markdown]
// There is something that adapts: the number of tokens. The repository's own small reasoner, its thoughts cut off after so many
// tokens, with all of its parameters at work each time ([docs/budget.md](../docs/budget.md)). An easy question is thought about
// for fewer tokens. That is probably what the claim was once about, before somebody gave it a number:

// %%
interface Budget {
  budgets: { limit?: number; right: number }[];
}
const limited = measured<Budget>("budget").budgets.filter(({ limit }) => limit !== undefined);
const curve = { x: limited.map(({ limit }) => limit!), y: limited.map(({ right }) => right), of: "T" } as const;
await lines({ right: curve }, "From 1 to 94 right answers, the longer it may think", {
  x: "tokens of thought allowed",
  y: "right of 100 sums",
  points: true,
});

// %% [markdown]
// ## From the authors' report
//
// Scores nobody can compute from a config, and to measure them takes the weights and thousands of long answers. `qwq eval` does it on
// a server of your own ([docs/scores.md](../docs/scores.md)); here we only ask whether a claim agrees with the chart that
// the authors published. First the comparisons.
//
// It is well to remember what the digits are worth. AIME 2024 has thirty problems; 79.5 and 79.8 are averages over many answers to
// each of them, and the three tenths between QwQ and R1 are a tenth of *one problem*. "Level" is just what one may say. On
// LiveCodeBench, with hundreds of problems, two and a half points are more than that.

// %%
const benches = ["aime24", "livecodebench", "livebench", "ifeval", "bfcl"];
const score = (model: string, bench: string) => CHART_ROWS.find((row) => row.model === model)!.scores[bench]!;
const [Q, R1, mini] = ["QwQ-32B", "DeepSeek-R1 (671B)", "o1-mini"] as const;
const beats = (bench: string) => score(Q, bench) > score(R1, bench);
const both = (bench: string) => `${score(Q, bench)} to ${score(R1, bench)}`;
say(16, "AIME 2024: level with R1", "report", about(score(R1, "aime24"), score(Q, "aime24")), both("aime24"));
say(18, "code: level with R1", "report", about(score(R1, benches[1]!), score(Q, benches[1]!)), both("livecodebench"));
say(19, "BFCL: ahead of R1", "report", holds(beats("bfcl")), both("bfcl"));
say(20, "IFEval: ahead of R1", "report", holds(beats("ifeval")), both("ifeval"));

// %% [markdown]
// "More than 20 % above distilled models of its size in mathematics" turns 6.9 points into twenty. "Better than o1-mini in
// everything" forgets IFEval. And LiveBench, in which QwQ does lead R1, was not "designed by Yann LeCun": he is one of its
// eighteen authors. Percentages of percentages are where most such sentences go wrong: from 72.6 to 79.5 is 6.9 points, or two
// problems of thirty, or 9.5 % more than before. All three are right, and none is twenty.

// %%
const gain = score(Q, "aime24") / score("R1-Distill-Qwen-32B", "aime24") - 1;
const won = benches.filter((bench) => score(Q, bench) > score(mini, bench)).length;
say(17, "20 % above distilled models", "report", holds(gain > 0.2), `AIME: ${(100 * gain).toFixed(1)} %`);
say(21, "leads LeCun's LiveBench", "report", holds(false, beats("livebench")), "leads R1; LeCun is one of 18 authors");
say(33, "better than o1-mini throughout", "report", holds(won === 5, won > 0), `on ${won} of 5`);

// %% [markdown]
// Then the table that is copied with them. Two of its rows are the authors'. The other three agree with no source, and even
// their order is wrong: they put QwQ first on IFEval, where o1-mini is, and R1 before o1-mini on BFCL. Nobody who copied them can
// have looked at the chart, which is a picture, and pictures are not copied as text. Numbers that are wrong in three rows and right
// in two look like all others; only the source tells them apart.

// %%
const truth = (bench: string) => [Q, R1, mini].map((model) => score(model, bench));
const same = (copied: readonly number[], bench: string) => copied.every((value, i) => value === truth(bench)[i]);
const right = same([79.5, 79.8, 63.6], "aime24") && same([63.4, 65.9, 53.8], "livecodebench");
say(23, "the table's rows AIME, LiveCodeBench", "report", holds(right), "as in the chart");
for (const [i, { bench, copied }] of WRONG.entries())
  say(
    24 + i,
    `the table: ${bench} ${copied.join(", ")}`,
    "report",
    holds(same(copied, bench)),
    truth(bench).join(", "),
  );

// %% [markdown]
// The rest of this kind are sentences, which no code can compare; they were read against the
// [announcement](https://qwenlm.github.io/blog/qwq-32b/) and the README of QwenLM/QwQ. What those say of the training is short:
// reinforcement from a cold-start checkpoint, first on mathematics and code with a verifier and a code server, then a few steps
// on general abilities with a reward model. Notebook 16 does the same in miniature, and what it had to choose, it chose alone.

// %%
say(9, "first stage: mathematics and code", "report", "true", "a verifier and a code server");
say(10, "second stage: general abilities", "report", "true", "a few steps, with a reward model");
say(22, "trained for agents", "report", "true", "as its authors say; long reasoning is future work");
say(27, "Apache 2.0, weights on GitHub too", "report", "partly", "the licence; GitHub has no weights");
say(30, "an API, and PAI", "report", "partly", "the API is in the README, PAI is not");

// %% [markdown]
// That it loops on long texts is in the README, with the advice never to be greedy (notebook 10). Several claims are about
// QwQ-32B-*Preview*, of November 2024, another model. The Python sample that goes with the articles loads that one, applies no
// chat template, and stops at its library's default length, after a few words.

// %%
say(34, "loops on long texts", "report", "true", "README: endless repetitions");
say(36, "in QwenChat and an app", "report", "partly", "the chat; the app was not found");
say(37, "Preview: strong on GPQA, AIME, MATH-500", "report", "true", "as its announcement has them");
say(39, "Preview: mixes languages, knows less", "report", "true", "its authors say so");
say(40, "the Python sample runs QwQ-32B", "report", "partly", "it runs; but it loads the Preview");

// %% [markdown]
// ## What nobody can check
//
// "As good as 96 billion dense parameters, against Chinchilla's law": that law is about what training costs, and no experiment is
// named. "A tenth of R1's energy": nobody published a measurement; in arithmetic a token of QwQ costs about what one of R1 does.
// And one can read about training methods and weaknesses which no text of the authors mentions.

// %%
const operations = (2 * (N - sizeOf(/^E$/))) / 1e9;
const per = `${operations.toFixed(0)} to ${2 * 37} billion operations a token`;
say(14, "worth 96 billion dense parameters", "nobody", "open", "no source, and not what Chinchilla is about");
say(15, "a tenth of R1's energy", "nobody", "open", per);
say(35, "weak in physics", "nobody", "open", "not in the authors' texts");
say(38, "trained to talk to itself", "nobody", "open", "behaviour is described, no method");
say(41, "a turning point of AI", "nobody", "open", "an opinion");

// %% [markdown]
// ## All of them
//
// Each number once. Of what can be computed or measured, a third is true as it was said, a third holds under a condition that was
// not said, and a third is false. Sentences from the authors' report were mostly copied well. All that is false there is digits.

// %%
judged.sort((a, b) => a.n - b.n);
const numbers = judged.map(({ n }) => n);
const each = times(41, (i) => i + 1);
equal("41 claims, each once", numbers, each);

// %%
const ways: readonly Way[] = ["config", "measured", "report", "nobody"];
const verdicts: readonly Verdict[] = ["true", "partly", "false", "open"];
const many = (way: Way, verdict: Verdict) => judged.filter((j) => j.way === way && j.verdict === verdict).length;
const tally = (way: Way) => Object.fromEntries(verdicts.map((verdict) => [verdict, many(way, verdict)]));
const counts = Object.fromEntries(ways.map((way) => [way, tally(way)]));
const colours = { true: "ink", partly: "faint", false: "wrong", open: "rule" } as const;
const shown = "Verdicts by how a claim can be known; what nobody can check is open";
await stacks(counts, colours, shown, { x: "claims" });

// %%
table(
  ["", "it is said", "known by", "verdict", "what is so"],
  judged.map(({ n, claim, way, verdict, so }) => [n, claim, way, verdict, so]),
);

// %% [markdown]
// ## Exercises
//
// **1.** The model's card says 31.0 billion "non-embedding" parameters. Leave the embedding and the unembedding out: how many are
// there, exactly? (Is the card's number true by our rule?)

// %% tags=["exercise"]
const without: number | undefined = undefined; // your answer

// %%
judge<number>(without, (n) => n === N - sizeOf(/^[EU]$/), "Each has as many rows as the vocabulary, of 5,120.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// 31,206,740,992: within one per cent of 31.0, so true, though nobody would round it that way.
//
// ```ts
// const without = count(qwq) - 2 * qwq.vocabulary * qwq.channels;
// ```
//
// </details>
//
// **2.** Where may "a 60th of R1's memory" come from? Suppose somebody took R1 in 16 bits, 1,342 GB, and QwQ in one of the forms
// that `storedForms(qwq)` lists. Which form's `key` brings the ratio nearest to 60?

// %% tags=["exercise"]
const form: string | undefined = undefined; // such as "awq"

// %%
const distance = (key: string) => Math.abs(1342 / GB(key) - 60);
const nearest = [...bytes.keys()].sort((a, b) => distance(a) - distance(b))[0];
judge<string>(form, (key) => key === nearest, "1,342 / 60 is 22.4 GB.");

// %% [markdown]
// <details><summary>An answer</summary>
//
// Five bits against sixteen. With other pairs one gets any number from 5 to 109; a ratio of memory says nothing if it does not
// say in which forms.
//
// ```ts
// const form = "gguf-q5_0";
// ```
//
// </details>
//
// ## The end, and where it goes on
//
// You have seen every part of QwQ-32B, broken most of them, and checked what is said of the whole. The list of all notebooks is
// in [README.md](README.md). From here:
//
// - read [the page](../src/model.ts) again, sixty lines, and then what surrounds it: [docs/reading-order.md](../docs/reading-order.md);
// - write the parts yourself and have them judged: [docs/course.md](../docs/course.md);
// - look at how other engines go wrong, and how to find it: [docs/divergence.md](../docs/divergence.md);
// - measure a model of your own: [docs/eval.md](../docs/eval.md), or train one: [docs/training.md](../docs/training.md).
