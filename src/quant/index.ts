/** The number formats, by the name files give them. A further format is one file and one line here. */
import { BF16 } from "./bf16.ts";
import { F16 } from "./f16.ts";
import { F32 } from "./f32.ts";
import type { Format } from "./format.ts";
import { Q4_0 } from "./q4_0.ts";
import { Q4_1 } from "./q4_1.ts";
import { Q5_0 } from "./q5_0.ts";
import { Q5_1 } from "./q5_1.ts";
import { Q8_0 } from "./q8_0.ts";

export const FORMATS: ReadonlyMap<string, Format> = new Map(
  [F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1].map((format) => [format.name, format]),
);
