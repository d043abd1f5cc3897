import { expect, it } from "vitest";
import type { Rope } from "../src/config.ts";
import { block } from "../src/model.ts";
import type { LayerCache, Ops } from "../src/ops.ts";
import type { Tensor } from "../src/tensor.ts";
import type { Layer } from "../src/weights.ts";

/** Never called: each line is a wrong program, and the compiler must say so (`npm run check` fails if it does not). */
export function wrongPrograms(ops: Ops, W: Layer, x: Tensor<"T C">, cache: LayerCache, R: Rope) {
  const n1 = ops.rmsNorm(x, W.g1, 1e-5);
  const q = ops.linear(n1, W.Wq, W.bq);
  const k = ops.linear(n1, W.Wk, W.bk);
  const v = ops.linear(n1, W.Wv, W.bv);
  const { keys, values } = cache.append(ops.rope(k, 0, R), v);
  const act = ops.swiglu(ops.linear(n1, W.Wgate), ops.linear(n1, W.Wup));

  // @ts-expect-error another projection's weight: down wants F channels in
  ops.linear(n1, W.Wdown);
  // @ts-expect-error another projection's bias
  ops.linear(n1, W.Wq, W.bk);
  // @ts-expect-error a residual of another width
  ops.add(x, act);
  // @ts-expect-error keys in place of queries
  ops.attention(k, keys, values, R.D);
  // @ts-expect-error keys of the new tokens only, not from the cache
  ops.attention(q, k, values, R.D);
  // @ts-expect-error a gain of the wrong axis
  ops.rmsNorm(q, W.g1, 1e-5);
  // @ts-expect-error values are not turned
  ops.rope(n1, 0, R);
}

it("block's record names the 15 activations of the page", () => {
  const names = /return \{ ([^}]+) \}/
    .exec(block.toString().replace(/\s+/g, " "))?.[1]
    ?.split(/[\s,]+/)
    .filter(Boolean);
  expect(names).toEqual("n1 q k v qr kr a o mid n2 gate up act down out".split(" "));
});
