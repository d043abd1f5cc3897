/** The number formats, by the name files give them. A further format is one file and one line here. */
import { BF16 } from "./bf16.ts";
import { F16 } from "./f16.ts";
import { F32 } from "./f32.ts";
import type { Format } from "./format.ts";
import { IQ4_NL } from "./iq4_nl.ts";
import { IQ4_XS } from "./iq4_xs.ts";
import { Q2_K } from "./q2_k.ts";
import { Q3_K } from "./q3_k.ts";
import { Q4_0 } from "./q4_0.ts";
import { Q4_1 } from "./q4_1.ts";
import { Q4_K } from "./q4_k.ts";
import { Q5_0 } from "./q5_0.ts";
import { Q5_1 } from "./q5_1.ts";
import { Q5_K } from "./q5_k.ts";
import { Q6_K } from "./q6_k.ts";
import { Q8_0 } from "./q8_0.ts";

const FLOATS = [F32, F16, BF16];
const BLOCKS_OF_32 = [Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, IQ4_NL];
const BLOCKS_OF_256 = [Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_XS];

export const FORMATS: ReadonlyMap<string, Format> = new Map(
  [...FLOATS, ...BLOCKS_OF_32, ...BLOCKS_OF_256].map((format) => [format.name, format]),
);
