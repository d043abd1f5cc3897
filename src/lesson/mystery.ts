/**
 * The engine of notebook 15, in which one line is wrong. Whoever wants to find it by the oracle stops reading here.
 */
import type { Ops } from "../ops.ts";
import { reference } from "../reference/index.ts";

/** A layer turns its queries, then its keys: of the calls of a run, counted from 0, this one turns the keys of layer 2. */
const LATE = 5;

/** The reference, but in one layer the keys are turned as if each stood one place further on. */
export function mystery(): Ops {
  let call = 0;
  return {
    ...reference,
    name: "mystery",
    embed(E, ids) {
      call = 0;
      return reference.embed(E, ids);
    },
    rope: (x, pos, R) => reference.rope(x, call++ === LATE ? pos + 1 : pos, R),
  };
}
