/** The kernels of training. Each thread has an instance of its own, over one memory, and works where it is told to. */
export { product, slopes } from "./product";
export { panels, transposed, quads } from "./pack";
export { norm, normBack } from "./norm";
export { embed, embedBack, sums, rope, swiglu, swigluBack } from "./elementwise";
export { likelihood, logitSlopes } from "./loss";
export { attend, attendBack, attendCached, keep } from "./attention";
export { gather, squares, shorten, adamw, clear } from "./update";
