/** The learner whose tasks threads do: what is given is checked, cut and put together here. */
import { LimitError } from "../../src/errors.ts";
import { host } from "../../src/tensor.ts";
import { factorsOf } from "../../src/training/adamw.ts";
import { checkIds, checkLessons, checkReward, checkSame } from "../../src/training/checks.ts";
import type {
  Drawing,
  Drawn,
  Learner,
  LearnerState,
  Lesson,
  Outcome,
  Preference,
  Update,
} from "../../src/training/learner.ts";
import { mapParameters, named, type Parameters } from "../../src/training/parameters.ts";
import { samplingOf } from "../../src/training/reply.ts";
import { chunksOf, ranges, shardsOf } from "./chunks.ts";
import type { Arena } from "./kernels.ts";
import { matrices, type Plan, SHARDS } from "./plan.ts";
import type { Pool } from "./pool.ts";
import type { Said } from "./work.ts";

/** Replies that a thread draws at a time: enough to read the weights seldom. */
const SLOTS = 128;

/** A batch is cut into so many chunks, if it is small. */
const PARTS = SHARDS;

/** A learner over one pool. Calls are done one after another, whenever they are made. */
export class KernelLearner implements Learner {
  private readonly form: Parameters;
  private readonly plan: Plan;
  private readonly arena: Arena;
  private readonly pool: Pool;
  private step = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(parameters: Parameters, plan: Plan, arena: Arena, pool: Pool) {
    this.form = parameters;
    this.plan = plan;
    this.arena = arena;
    this.pool = pool;
  }

  /** Brings the parameters in. */
  begin(): Promise<void> {
    this.write(this.plan.w, this.form);
    return this.inTurn(() => this.packed());
  }

  async learn(batch: readonly Lesson[]): Promise<Outcome> {
    checkLessons(batch, this.form);
    this.checkLengths(batch.map(({ ids }) => ids));
    const chunks = chunksOf(batch, ({ ids }) => ids.length, PARTS);
    return this.inTurn(async () => {
      const tasks = shardsOf(chunks, SHARDS).map((each, shard) => ({ kind: "learn" as const, shard, chunks: each }));
      return this.gathered(await this.pool.run<"learn">(tasks));
    });
  }

  async prefer(pairs: readonly Preference[]): Promise<Outcome> {
    checkReward(this.form);
    const all = pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]);
    all.forEach((ids, n) => checkIds(ids, this.form.E.shape[0]!, `sequence ${n}`));
    this.checkLengths(all);
    const chunks = chunksOf(pairs, ({ chosen, rejected }) => chosen.length + rejected.length, PARTS);
    return this.inTurn(async () => {
      const tasks = shardsOf(chunks, SHARDS).map((each, shard) => ({ kind: "prefer" as const, shard, chunks: each }));
      return this.gathered(await this.pool.run<"prefer">(tasks));
    });
  }

  async rewards(sequences: readonly Uint32Array[]): Promise<Float64Array> {
    checkReward(this.form);
    sequences.forEach((ids, n) => checkIds(ids, this.form.E.shape[0]!, `sequence ${n}`));
    this.checkLengths(sequences);
    const chunks = chunksOf(sequences, (ids) => ids.length, PARTS);
    return this.inTurn(async () => {
      const tasks = chunks.map((each) => ({ kind: "reward" as const, sequences: each }));
      return Float64Array.from((await this.pool.run<"reward">(tasks)).flat());
    });
  }

  async update({ norm = Infinity, ...options }: Update): Promise<number> {
    return this.inTurn(async () => {
      const [squares] = await this.pool.run<"squares">([{ kind: "squares" }]);
      const length = Math.sqrt(squares!);
      const shorten = length > norm ? norm / length : undefined;
      const factors = factorsOf(options, this.step + 1);
      const tasks = ranges(this.plan.values, this.pool.size);
      await this.pool.run<"adamw">(tasks.map((range) => ({ kind: "adamw", ...range, shorten, factors })));
      this.step++;
      await this.packed();
      return length;
    });
  }

  async score(batch: readonly Pick<Lesson, "ids" | "targets">[]): Promise<readonly Float32Array[]> {
    checkLessons(batch, this.form);
    this.checkLengths(batch.map(({ ids }) => ids));
    const chunks = chunksOf(batch, ({ ids }) => ids.length, PARTS);
    return this.inTurn(async () => {
      const tasks = chunks.map((each) => ({
        kind: "score" as const,
        lessons: each.map(({ ids, targets }) => ({ ids, targets })),
      }));
      return (await this.pool.run<"score">(tasks)).flat();
    });
  }

  async draw(prompts: readonly Uint32Array[], drawing: Drawing): Promise<readonly Drawn[]> {
    samplingOf(drawing);
    prompts.forEach((ids, n) => checkIds(ids, this.form.E.shape[0]!, `prompt ${n}`));
    this.checkLengths(prompts, drawing.limit);
    return this.inTurn(async () => {
      const next = new Int32Array(new SharedArrayBuffer(4));
      const slots = Math.max(1, Math.min(SLOTS, Math.ceil(prompts.length / this.pool.size)));
      const task = { kind: "draw" as const, prompts, drawing, next, slots };
      const drawn: Drawn[] = [];
      const all = await this.pool.run<"draw">(Array.from({ length: this.pool.size }, () => task));
      for (const [place, reply] of all.flat()) drawn[place] = reply;
      return drawn;
    });
  }

  state(): Promise<LearnerState> {
    return this.inTurn(async () => {
      const [parameters, mean, square] = [this.plan.w, this.plan.m, this.plan.v].map((at) => this.read(at));
      return { parameters: parameters!, mean: mean!, square: square!, step: this.step };
    });
  }

  async restore(state: LearnerState): Promise<void> {
    for (const p of [state.parameters, state.mean, state.square]) checkSame(p, this.form, named);
    return this.inTurn(async () => {
      const { w, m, v, gathered, values } = this.plan;
      this.write(w, state.parameters);
      this.write(m, state.mean);
      this.write(v, state.square);
      this.arena.floats(gathered, values).fill(0);
      this.step = state.step;
      await this.packed();
    });
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  /** Does `f` when everything asked before is done. */
  private inTurn<X>(f: () => Promise<X>): Promise<X> {
    const mine = this.last.then(f, f);
    this.last = mine.catch(() => undefined);
    return mine;
  }

  /** Adds the shards, in order, to what was gathered. */
  private async gathered(said: readonly Said[]): Promise<Outcome> {
    const tasks = ranges(this.plan.values, this.pool.size);
    await this.pool.run<"gather">(tasks.map((range) => ({ kind: "gather", ...range, shards: said.length })));
    const sum = (x: readonly number[]) => x.reduce((total, value) => total + value, 0);
    return {
      loss: sum(said.flatMap(({ losses }) => losses)),
      nll: said.flatMap(({ nll }) => nll),
      clipped: sum(said.map(({ clipped }) => clipped)) / Math.max(1, sum(said.map(({ counted }) => counted))),
    };
  }

  /** Puts every matrix in the order of products, each thread some. */
  private async packed(): Promise<void> {
    const numbers = matrices(this.plan).map((_, n) => n);
    const { size } = this.pool;
    const parts = Array.from({ length: size }, (_, part) => numbers.filter((n) => n % size === part));
    await this.pool.run<"pack">(parts.map((each) => ({ kind: "pack", numbers: each })));
  }

  private write(at: number, p: Parameters): void {
    for (const [own, { data }] of this.windows(at, p)) own.set(data);
  }

  private read(at: number): Parameters {
    const windows = new Map([...this.windows(at, this.form)].map(([own, { data }]) => [data, own]));
    return mapParameters(this.form, (x) => host(x.shape, Float32Array.from(windows.get(x.data)!)));
  }

  /** Each tensor's place in a copy of the parameters that begins at `at`. */
  private *windows(at: number, p: Parameters) {
    for (const [, x] of named(p)) {
      yield [this.arena.floats(at, x.data.length), x] as const;
      at += Math.ceil(x.data.length / 16) * 64;
    }
  }

  private checkLengths(sequences: readonly Uint32Array[], more = 0): void {
    const longest = sequences.reduce((most, ids) => Math.max(most, ids.length), 0) + more;
    if (longest <= this.plan.places) return;
    throw new LimitError("E_LIMIT_CONTEXT", "training", {
      expected: `sequences of at most ${this.plan.places} tokens`,
      actual: `${longest}`,
      hint: "Cut them, or use the reference learner.",
    });
  }
}
