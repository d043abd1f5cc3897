/** What JavaScript calls: each function does one thread's share of one equation. */
export { quantise, quantise_halves, quantise_nibbles } from "./activations";
export { linear_q4_0, linear_q4_1, linear_q8_0 } from "./few";
export { linear_floats } from "./floats";
export { linear_grouped } from "./grouped";
export { linear_unpacked, linear_widened } from "./unpacked";
export { swiglu } from "./swiglu";
export { attention, attention_merge } from "./attention";
export { linear_chunks, quantise_chunks } from "./prompt";
export { rms_norm } from "./norm";
export { rope } from "./rope";
export { add } from "./add";
