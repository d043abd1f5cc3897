/**
 * The reference: the equations as loops over float32 arrays, with float64 sums and one rounding. Slow on purpose; every
 * faster backend is judged by it.
 */
import type { Ops } from "../ops.ts";
import { add } from "./add.ts";
import { attention } from "./attention.ts";
import { cache } from "./cache.ts";
import { embed } from "./embed.ts";
import { linear } from "./linear.ts";
import { rmsNorm } from "./rms-norm.ts";
import { rope } from "./rope.ts";
import { rows } from "./rows.ts";
import { swiglu } from "./swiglu.ts";
import { unwrap } from "./unwrap.ts";

/** The reference backend. */
export const reference: Ops = {
  name: "reference",
  embed,
  rmsNorm,
  linear,
  rope,
  attention,
  swiglu,
  add,
  rows,
  cache,
  upload: (x) => x,
  download: (x) => unwrap(x, "download"),
  scope: (f) => f(),
};
