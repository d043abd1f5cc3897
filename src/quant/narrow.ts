/** The way back: float32 values into a number format's blocks. One file a format beside this one. */
import { BF16, F16, F32 } from "./narrow-floats.ts";
import { Q4_0 } from "./narrow-q4_0.ts";
import { Q4_K } from "./narrow-q4_k.ts";
import { Q5_0 } from "./narrow-q5_0.ts";
import { Q6_K } from "./narrow-q6_k.ts";
import { Q8_0 } from "./narrow-q8_0.ts";
import type { Narrow } from "./narrowing.ts";

/** The formats that can be written, by name. A further one is one file and one line here. */
export const NARROWS: ReadonlyMap<string, Narrow> = new Map(
  [F32, F16, BF16, Q8_0, Q5_0, Q4_0, Q4_K, Q6_K].map((narrow) => [narrow.format.name, narrow]),
);
