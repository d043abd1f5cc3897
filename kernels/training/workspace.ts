/** What the layers of one thread's pass compute in. */
import type { Arena, Kernels } from "./kernels.ts";
import type { Packing } from "./packing.ts";
import type { Plan } from "./plan.ts";
import { type Room, roomFor } from "./room.ts";

/** Tokens that a room is made for at least. */
const TOKENS = 512;

/** What one thread computes with: kernels, the places of weights and activations, and products of them. */
export class Workspace {
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
