/** One thread's forward and backward pass over packed sequences: the page and its backward, by kernels. */
import type { Arena, Kernels } from "./kernels.ts";
import { backwardLayer, forwardLayer } from "./layer.ts";
import type { LayerPlan, Plan } from "./plan.ts";

/** Sequences one after another in one matrix of tokens. Only attention and the places know where one ends. */
export interface Packing {
  readonly ids: Uint32Array;
  /** Tokens of each sequence. */
  readonly lengths: readonly number[];
}

/** Puts sequences one after another. */
export function pack(sequences: readonly Uint32Array[]): Packing {
  const lengths = sequences.map((ids) => ids.length);
  const ids = new Uint32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const each of sequences) {
    ids.set(each, at);
    at += each.length;
  }
  return { ids, lengths };
}

/** Addresses of what a layer's forward pass leaves for its backward pass. */
export interface LayerRoom {
  /** What came in, [T C]. */
  readonly x: number;
  readonly n1: number;
  readonly r1: number;
  readonly q: number;
  readonly k: number;
  readonly v: number;
  readonly a: number;
  readonly mid: number;
  readonly n2: number;
  readonly r2: number;
  readonly gate: number;
  readonly up: number;
  readonly act: number;
}

/** Addresses for so many tokens. */
export interface Room {
  readonly ids: number;
  readonly targets: number;
  readonly places: number;
  readonly each: number;
  readonly nll: number;
  readonly layers: readonly LayerRoom[];
  /** The last layer's output, its norm and the logits. */
  readonly x: number;
  readonly n: number;
  readonly r: number;
  readonly logits: number;
  /** Gradients on the way back. */
  readonly dx: number;
  readonly dn: number;
  readonly dact: number;
  readonly dq: number;
  readonly dk: number;
  readonly dv: number;
  readonly da: number;
  readonly quads: number;
  readonly panels: number;
}

/** Tokens that a room is made for at least. */
const TOKENS = 512;

/** What one thread computes with. */
export class Pass {
  readonly kernels: Kernels;
  readonly arena: Arena;
  readonly plan: Plan;
  /** Zeros, then 128 bytes for edges, then what attention needs. */
  scratch = 0;
  room: Room | undefined;
  private tokens = 0;
  private longest = 0;
  packing: Packing = { ids: new Uint32Array(), lengths: [] };

  constructor(kernels: Kernels, arena: Arena, plan: Plan) {
    this.kernels = kernels;
    this.arena = arena;
    this.plan = plan;
  }

  /** Makes room for so many tokens, in sequences of at most `longest`. */
  reserve(tokens: number, longest: number): Room {
    const { plan } = this;
    if (longest > this.longest || this.scratch === 0) {
      this.longest = Math.max(longest, 256);
      const stride = Math.ceil(this.longest / 8) * 8;
      const attention = 2 * (this.longest + 8) * plan.D + 2 * (this.longest + 8) * stride;
      this.scratch = this.arena.area("scratch", zeros(plan, this.longest) + 128 + 4 * attention);
      this.kernels.clear(this.scratch, zeros(plan, this.longest) / 4); // a place that was there held something else
    }
    if (this.room === undefined || tokens > this.tokens) {
      this.tokens = Math.max(tokens, TOKENS);
      this.room = roomFor(plan, this.tokens, this.arena);
    }
    return this.room;
  }

  /** Logits of every token. */
  forward(packing: Packing): Room {
    const room = this.through(packing);
    this.head(room, room.x, packing.ids.length);
    return room;
  }

  /** Every layer, without logits. */
  through(packing: Packing): Room {
    const { kernels, plan, arena } = this;
    const T = packing.ids.length;
    this.packing = packing;
    const room = this.reserve(T, Math.max(...packing.lengths));
    arena.words(room.ids, T).set(packing.ids);
    const places = arena.words(room.places, T);
    let at = 0;
    for (const length of packing.lengths) for (let t = 0; t < length; t++) places[at++] = t;
    kernels.embed(plan.w + plan.E, room.ids, room.layers[0]!.x, T, plan.C);
    plan.layers.forEach((layer, l) => forwardLayer(this, room, layer, l, T));
    return room;
  }

  /** The last norm and the logits of `rows` rows of x. */
  head(room: Room, x: number, rows: number): void {
    const { kernels, plan } = this;
    kernels.norm(x, plan.w + plan.g, room.n, room.r, rows, plan.C, plan.eps);
    const { U } = plan;
    kernels.product(room.n, U.forward, this.zero, 0, room.logits, rows, U.I, U.O, this.edge);
  }

  /** From the logits' gradient, which lies in their place, to the shard's of every parameter: added there. */
  backward(room: Room, shard: number): void {
    const { kernels, plan } = this;
    const T = this.packing.ids.length;
    this.slopes(room, room.logits, plan.U, room.n, shard, T, true);
    kernels.clear(room.dx, T * plan.C);
    this.into(room.logits, plan.U, room.dn, T, false);
    kernels.normBack(room.dn, room.x, plan.w + plan.g, room.r, room.dx, shard + plan.g, T, plan.C);
    for (let l = plan.layers.length - 1; l >= 0; l--)
      backwardLayer(this, room, plan.layers[l] as LayerPlan, l, T, shard);
    kernels.embedBack(room.dx, room.ids, shard + plan.E, T, plan.C);
  }

  /** dW += dy' x; `fresh`: x is not yet in panels. */
  slopes(room: Room, dy: number, W: Plan["U"], x: number, shard: number, T: number, fresh: boolean): void {
    const { kernels } = this;
    if (fresh) kernels.panels(x, W.I * 4, T, W.I, room.panels);
    kernels.quads(dy, T, W.O, room.quads);
    const dW = shard + W.at;
    kernels.slopes(room.quads, room.panels, dW, W.I * 4, dW, T, W.I, W.O, this.edge);
  }

  /** dx = dy W, or dx += dy W. */
  into(dy: number, W: Plan["U"], dx: number, T: number, more: boolean): void {
    const init = more ? dx : this.zero;
    this.kernels.product(dy, W.backward, init, more ? W.I * 4 : 0, dx, T, W.O, W.I, this.edge);
  }

  /** Zeros, as many as the widest row. */
  get zero(): number {
    return this.scratch;
  }

  /** 128 bytes for the edges of products. */
  get edge(): number {
    return this.scratch + zeros(this.plan, this.longest);
  }
}

/** Bytes of zeros that the widest row of a product begins with: a row of scores is as wide as the longest sequence. */
const zeros = ({ C, H, D, F, V }: Plan, longest: number) => Math.ceil(Math.max(C, H * D, F, V, longest) / 8) * 32 + 32;

/** Places for all that T tokens leave and need. */
function roomFor(plan: Plan, T: number, arena: Arena): Room {
  const { C, H, K, D, F, V, layers } = plan;
  const rows = T + 4;
  let need = 0;
  const takes: number[] = [];
  const f32 = (width: number) => {
    takes.push(need);
    need += Math.ceil((rows * width) / 16) * 64;
    return takes.length - 1;
  };
  const layer = () => ({
    ...{ x: f32(C), n1: f32(C), r1: f32(1), q: f32(H * D), k: f32(K * D), v: f32(K * D), a: f32(H * D) },
    ...{ mid: f32(C), n2: f32(C), r2: f32(1), gate: f32(F), up: f32(F), act: f32(F) },
  });
  const slots = {
    ...{ ids: f32(1), targets: f32(1), places: f32(1), each: f32(1), nll: f32(2), x: f32(C), n: f32(C), r: f32(1) },
    ...{ logits: f32(V), dx: f32(C), dn: f32(C), dact: f32(F), dq: f32(H * D), dk: f32(K * D), dv: f32(K * D) },
    ...{ da: f32(H * D), quads: f32(Math.max(C, H * D, F, V) + 4), panels: f32(Math.max(C, H * D, F) + 8) },
  };
  const each = layers.map(layer);
  const at = arena.area("room", need);
  const address = <X extends Record<string, number>>(x: X) =>
    Object.fromEntries(Object.entries(x).map(([name, slot]) => [name, at + takes[slot]!])) as X;
  return { ...address(slots), layers: each.map(address) };
}
