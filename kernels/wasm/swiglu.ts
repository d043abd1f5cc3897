/** swiglu over the kernels. */
import { pair } from "../../src/reference/unwrap.ts";
import { host, type Host, type Tensor } from "../../src/tensor.ts";
import type { Heap } from "./module.ts";
import type { Team } from "./team.ts";

/** h = g sigmoid(g) u, within 4 ulp (assembly/swiglu.ts). Throws ShapeError if the two differ in shape. */
export function swiglu(heap: Heap, team: Team, gate: Tensor<"T F">, up: Tensor<"T F">): Host<"T F"> {
  const [g, u] = pair(gate, up, "swiglu");
  const bytes = 4 * Math.ceil(g.length / 4) * 4;
  const [x, y, out] = [heap.area("x", bytes), heap.area("up", bytes), heap.area("y", bytes)];
  heap.write(x, g);
  heap.write(y, u);
  team.run("swiglu", x, y, out, g.length);
  return host(gate.shape, heap.read(out, g.length));
}
