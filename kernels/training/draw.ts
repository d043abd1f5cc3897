/** One thread's drawing of many replies at once: their rows go through the same products, each with its own keys and values. */
import type { Drawing, Drawn } from "../../src/training/learner.ts";
import { Reply } from "../../src/training/reply.ts";
import { feedForward, project } from "./layer.ts";
import { pack } from "./packing.ts";
import type { Pass } from "./pass.ts";
import type { Room } from "./room.ts";

/** A reply in the making. */
interface Row {
  readonly place: number;
  readonly reply: Reply;
  readonly slot: number;
  /** The id to go on from, and its place in the sequence. */
  id: number;
  at: number;
}

/** Prompts, how to reply to them, and who takes which: the next number is the next prompt's, for all threads together. */
export interface DrawTask {
  readonly kind: "draw";
  readonly prompts: readonly Uint32Array[];
  readonly drawing: Drawing;
  readonly next: Int32Array;
  /** Replies at a time. */
  readonly slots: number;
}

/** The replies that this thread drew, with their prompts' places. */
export type DrawResult = readonly (readonly [place: number, drawn: Drawn])[];

/** Tokens of prompts that are read at a time. */
const CHUNK = 512;

/** Draws until no prompt is left. What a row becomes does not depend on the rows beside it: the products keep their order. */
export function drawAll(pass: Pass, task: DrawTask): DrawResult {
  return new Drawer(pass, task).run();
}

class Drawer {
  private readonly pass: Pass;
  private readonly task: DrawTask;
  private readonly free: number[];
  /** Tokens that a slot has room for, and bytes of a layer and of a slot. */
  private readonly tokens: number;
  private readonly layer: number;
  private readonly caches: number;
  private readonly addresses: number;
  private live: Row[] = [];
  private readonly results: [number, Drawn][] = [];

  constructor(pass: Pass, task: DrawTask) {
    const { plan, arena } = pass;
    const { prompts, drawing, slots } = task;
    const longest = prompts.reduce((most, ids) => Math.max(most, ids.length), 0);
    this.pass = pass;
    this.task = task;
    this.free = Array.from({ length: slots }, (_, i) => i);
    this.tokens = Math.ceil((longest + drawing.limit) / 8) * 8;
    this.layer = 2 * plan.K * plan.D * this.tokens * 4;
    this.caches = arena.area("caches", slots * this.slotBytes);
    pass.reserve(Math.max(slots, longest), Math.max(this.tokens, (plan.H / plan.K) * 8));
    this.addresses = arena.area("addresses", 4 * Math.max(slots, CHUNK + longest));
  }

  private get slotBytes(): number {
    return this.layer * this.pass.plan.layers.length;
  }

  run(): DrawResult {
    const { slots } = this.task;
    for (let more = true; more || this.live.length > 0;) {
      if (more && this.live.length <= 0.75 * slots) more = this.admit();
      if (this.live.length > 0) this.step();
    }
    return this.results;
  }

  /** Takes prompts into the free slots; whether there may be more. */
  private admit(): boolean {
    const { prompts, drawing, next } = this.task;
    let fresh: Row[] = [];
    let tokens = 0;
    while (this.free.length > 0) {
      const place = Atomics.add(next, 0, 1);
      const prompt = prompts[place];
      if (prompt === undefined) {
        this.read(fresh);
        return false;
      }
      const row = { place, reply: new Reply(drawing, place), slot: this.free.pop()!, id: 0, at: prompt.length };
      if (tokens + prompt.length > CHUNK) {
        this.read(fresh);
        [fresh, tokens] = [[], 0];
      }
      fresh.push(row);
      tokens += prompt.length;
    }
    this.read(fresh);
    return true;
  }

  /** Reads the prompts of these rows, keeps their keys and values, and draws each one's first token. */
  private read(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    const { kernels, plan, arena } = this.pass;
    const { K, D, C } = plan;
    const packing = pack(rows.map(({ place }) => this.task.prompts[place]!));
    const room = this.pass.through(packing);
    const T = packing.ids.length;
    const addresses = arena.words(this.addresses, T);
    let at = 0;
    rows.forEach(({ slot }, i) => {
      const length = packing.lengths[i]!;
      addresses.fill(this.caches + slot * this.slotBytes, at, at + length);
      at += length;
    });
    plan.layers.forEach((_, l) => {
      const { k, v } = room.layers[l]!;
      kernels.keep(k, v, this.addresses, l * this.layer, room.places, T, K, D, this.tokens);
    });
    const [last, all] = [arena.floats(room.dx, rows.length * C), arena.floats(room.x, T * C)];
    at = 0;
    packing.lengths.forEach((length, i) => {
      at += length;
      last.set(all.subarray((at - 1) * C, at * C), i * C);
    });
    this.pass.head(room, room.dx, rows.length);
    this.sample(room, rows);
  }

  /** One token more of every live row. */
  private step(): void {
    const { pass, live } = this;
    const { kernels, plan, arena } = pass;
    const { H, K, D, C } = plan;
    const R = live.length;
    const room = pass.room!;
    const [ids, places] = [arena.words(room.ids, R), arena.words(room.places, R)];
    const addresses = arena.words(this.addresses, R);
    live.forEach(({ id, at, slot }, r) => {
      [ids[r], places[r], addresses[r]] = [id, at, this.caches + slot * this.slotBytes];
    });
    const { x, q, k, v, a } = room.layers[0]!;
    kernels.embed(plan.w + plan.E, room.ids, x, R, C);
    plan.layers.forEach((W, l) => {
      project(pass, room, W, 0, R);
      kernels.keep(k, v, this.addresses, l * this.layer, room.places, R, K, D, this.tokens);
      const where = [this.addresses, l * this.layer, room.places] as const;
      kernels.attendCached(q, a, ...where, R, H, K, D, this.tokens, pass.zero, pass.edge);
      feedForward(pass, room, W, 0, R, x);
    });
    pass.head(room, x, R);
    this.live = [];
    this.sample(room, live);
    for (const row of live) row.at++;
  }

  /** Draws each row's next id; those that go on become live, the others' slots free. */
  private sample(room: Room, rows: readonly Row[]): void {
    const { V } = this.pass.plan;
    const logits = new Float32Array(this.pass.arena.floats(room.logits, rows.length * V));
    rows.forEach((row, r) => {
      if (!row.reply.done) row.id = row.reply.next(logits.subarray(r * V, (r + 1) * V));
      if (!row.reply.done) this.live.push(row);
      else {
        this.free.push(row.slot);
        this.results.push([row.place, row.reply.drawn()]);
      }
    });
  }
}
