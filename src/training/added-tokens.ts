/** The tokens that QwQ-32B's tokenizer adds to its merges, in the order of their ids. */
import type { AddedToken } from "../text/vocabulary.ts";

/** Left out when a reply is decoded for people. */
const SPECIAL = [
  "<|endoftext|>",
  "<|im_start|>",
  "<|im_end|>",
  "<|object_ref_start|>",
  "<|object_ref_end|>",
  "<|box_start|>",
  "<|box_end|>",
  "<|quad_start|>",
  "<|quad_end|>",
  "<|vision_start|>",
  "<|vision_end|>",
  "<|vision_pad|>",
  "<|image_pad|>",
  "<|video_pad|>",
] as const;

const ORDINARY = [
  "<tool_call>",
  "</tool_call>",
  "<|fim_prefix|>",
  "<|fim_middle|>",
  "<|fim_suffix|>",
  "<|fim_pad|>",
  "<|repo_name|>",
  "<|file_sep|>",
  "<tool_response>",
  "</tool_response>",
  "<think>",
  "</think>",
] as const;

/** How many there are. */
export const ADDED_COUNT: number = SPECIAL.length + ORDINARY.length;

/** Them with ids from `first` on. */
export function addedTokens(first: number): AddedToken[] {
  return [...SPECIAL, ...ORDINARY].map((content, i) => ({ id: first + i, content, special: i < SPECIAL.length }));
}
