/** A decoder layer forwards and backwards. The lines are those of src/model.ts and of src/training/gradients.ts. */
import type { Room } from "./room.ts";
import type { Workspace } from "./workspace.ts";
import type { LayerPlan, Packed } from "./plan.ts";

/** What comes after layer l: the next one's input, or what the last norm takes. */
const outOf = (room: Room, l: number) => room.layers[l + 1]?.x ?? room.x;

/** y = W x + b, or y = more + W x. */
function linear(space: Workspace, x: number, W: Packed, y: number, T: number, b?: number, more?: number): void {
  const init = more ?? (b === undefined ? space.zero : space.plan.w + b);
  space.kernels.product(x, W.forward, init, more === undefined ? 0 : W.O * 4, y, T, W.I, W.O, space.edge);
}

/** q, k and v of T tokens, turned by their places. */
export function project(space: Workspace, room: Room, W: LayerPlan, l: number, T: number): void {
  const { kernels, plan } = space;
  const { H, K, D } = plan;
  const at = room.layers[l]!;
  kernels.norm(at.x, plan.w + W.g1, at.n1, at.r1, T, plan.C, plan.eps);
  linear(space, at.n1, W.Wq, at.q, T, W.bq);
  linear(space, at.n1, W.Wk, at.k, T, W.bk);
  linear(space, at.n1, W.Wv, at.v, T, W.bv);
  kernels.rope(at.q, room.places, plan.turns, T, H * D, D, 0);
  kernels.rope(at.k, room.places, plan.turns, T, K * D, D, 0);
}

/** The rest of the layer, from attention's result on; `out` is where its output goes. */
export function feedForward(space: Workspace, room: Room, W: LayerPlan, l: number, T: number, out: number): void {
  const { kernels, plan } = space;
  const at = room.layers[l]!;
  linear(space, at.a, W.Wo, at.mid, T, undefined, at.x);
  kernels.norm(at.mid, plan.w + W.g2, at.n2, at.r2, T, plan.C, plan.eps);
  linear(space, at.n2, W.Wgate, at.gate, T);
  linear(space, at.n2, W.Wup, at.up, T);
  kernels.swiglu(at.gate, at.up, at.act, T * plan.F);
  linear(space, at.act, W.Wdown, out, T, undefined, at.mid);
}

/** A layer over packed sequences. */
export function forwardLayer(space: Workspace, room: Room, W: LayerPlan, l: number, T: number): void {
  const { kernels, plan } = space;
  const { H, K, D } = plan;
  project(space, room, W, l, T);
  const at = room.layers[l]!;
  eachSequence(space, (first, length) => {
    const [q, k] = [first * H * D * 4, first * K * D * 4];
    kernels.attend(at.q + q, at.k + k, at.v + k, at.a + q, length, H, K, D, space.zero, space.edge);
  });
  feedForward(space, room, W, l, T, outOf(room, l));
}

/** The same layer backwards: the gradient of its output, in room.dx, becomes that of its input. */
export function backwardLayer(space: Workspace, room: Room, W: LayerPlan, l: number, T: number, shard: number): void {
  const { kernels, plan } = space;
  const { C, H, K, D, F } = plan;
  const at = room.layers[l]!;
  const { dx, dn, dact, dq, dk, dv, da } = room;
  space.into(dx, W.Wdown, dact, T, false); // d = Wd h
  space.slopes(room, dx, W.Wdown, at.act, shard, T, true);
  kernels.swigluBack(dact, at.gate, at.up, T * F); // h = g sigmoid(g) * u
  space.slopes(room, at.up, W.Wup, at.n2, shard, T, true); // u = Wu n
  space.slopes(room, at.gate, W.Wgate, at.n2, shard, T, false); // g = Wg n
  space.into(at.gate, W.Wgate, dn, T, false);
  space.into(at.up, W.Wup, dn, T, true);
  kernels.normBack(dn, at.mid, plan.w + W.g2, at.r2, dx, shard + W.g2, T, C);

  space.into(dx, W.Wo, da, T, false); // o = Wo a
  space.slopes(room, dx, W.Wo, at.a, shard, T, true);
  kernels.clear(dk, T * K * D);
  kernels.clear(dv, T * K * D);
  eachSequence(space, (first, length) => {
    const [q, k] = [first * H * D * 4, first * K * D * 4];
    const gradients = [dq + q, dk + k, dv + k] as const;
    kernels.attendBack(da + q, at.q + q, at.k + k, at.v + k, ...gradients, length, H, K, D, space.zero, space.edge);
  });
  kernels.rope(dq, room.places, plan.turns, T, H * D, D, 1);
  kernels.rope(dk, room.places, plan.turns, T, K * D, D, 1);
  projectBack(space, room, W, l, T, shard);
  kernels.normBack(dn, at.x, plan.w + W.g1, at.r1, dx, shard + W.g1, T, C);
}

/** q = Wq n + bq, k = Wk n + bk, v = Wv n + bv backwards: the gradient of n is left in room.dn. */
function projectBack(space: Workspace, room: Room, W: LayerPlan, l: number, T: number, shard: number): void {
  const { n1 } = room.layers[l]!;
  for (const [dy, matrix, bias, first] of [
    [room.dq, W.Wq, W.bq, true],
    [room.dk, W.Wk, W.bk, false],
    [room.dv, W.Wv, W.bv, false],
  ] as const) {
    space.slopes(room, dy, matrix, n1, shard, T, first);
    space.into(dy, matrix, room.dn, T, !first);
    if (bias !== undefined) space.kernels.sums(dy, shard + bias, T, matrix.O);
  }
}

function eachSequence(space: Workspace, f: (first: number, length: number) => void): void {
  let first = 0;
  for (const length of space.packing.lengths) {
    f(first, length);
    first += length;
  }
}
