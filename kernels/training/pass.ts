/** One thread's forward and backward pass over packed sequences: the page and its backward, by kernels. */
import { backwardLayer, forwardLayer } from "./layer.ts";
import type { Packing } from "./packing.ts";
import type { LayerPlan } from "./plan.ts";
import type { Room } from "./room.ts";
import { Workspace } from "./workspace.ts";

/** Forward and backward through all layers. */
export class Pass extends Workspace {
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
}
