/** The backward pass, one file an equation as in src/reference: each takes how the loss changes with the result first. */
import type { Rope } from "../../config.ts";
import type { Tensor } from "../../tensor.ts";
import { attention, type AttentionGradient } from "./attention.ts";
import { embed } from "./embed.ts";
import { linear, type LinearGradient } from "./linear.ts";
import { rmsNorm } from "./rms-norm.ts";
import { rope } from "./rope.ts";
import { swiglu } from "./swiglu.ts";

/** What a backend of the backward pass must do. */
export interface Backward {
  linear<I extends string, O extends string>(
    dy: Tensor<`T ${O}`>,
    x: Tensor<`T ${I}`>,
    W: Tensor<`${O} ${NoInfer<I>}`>,
  ): LinearGradient<I, O>;
  rmsNorm: typeof rmsNorm;
  rope<A extends "T HD" | "T KD">(dy: Tensor<A>, pos: number, R: Rope): ReturnType<typeof rope<A>>;
  attention(
    da: Tensor<"T HD">,
    q: Tensor<"T HD">,
    keys: Tensor<"S KD">,
    values: Tensor<"S KD">,
    D: number,
  ): AttentionGradient;
  swiglu: typeof swiglu;
  embed: typeof embed;
}

/** The backward pass in plain loops: the truth by which faster ones are judged. */
export const backward: Backward = { linear, rmsNorm, rope, attention, swiglu, embed };
