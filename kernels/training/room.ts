/** Where in memory lies what a pass over so many tokens leaves and needs. */
import type { Arena } from "./kernels.ts";
import type { Plan } from "./plan.ts";

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

/** Places for all that T tokens leave and need. */
export function roomFor(plan: Plan, T: number, arena: Arena): Room {
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
