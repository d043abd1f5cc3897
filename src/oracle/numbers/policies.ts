/**
 * Rounding policies: where an engine rounds, and to what. The name stands in a bundle's manifest as `policy`.
 *
 * In all of them sums are taken in float32, softmax and the norm's statistics too, and RoPE's cosine and sine are made
 * in float32 and then rounded to the format of the activations, as Hugging Face does.
 */
import { UsageError } from "../../errors.ts";
import { BF16, F16, F32, F64, type Rounding } from "./formats.ts";
import type { Order } from "./orders.ts";

/** Where an engine rounds, and to what. */
export interface Policy {
  readonly name: string;
  /** Format of the activations. */
  readonly store: Rounding;
  /** Format of what an operation keeps between its steps: scores and weights of attention, silu before the product. */
  readonly steps: Rounding;
  /** Format in which it takes statistics of the norm and the softmax. */
  readonly work: Rounding;
  /** Format of the residual stream: embed, mid, out. */
  readonly residual: Rounding;
  /** Format of the weights. */
  readonly weights: Rounding;
  /** Whether the norm is rounded once, at its end, and not also before the gain. */
  readonly normOnce: boolean;
  /** How the inputs of the linear maps are rounded: not, each to float16, or to bytes, by rows or by blocks of 32. */
  readonly inputs: "as they are" | "f16" | "int8" | "q8_0";
  /** The orders of summation over which its noise is measured. */
  readonly orders: readonly Order[];
}

/** One way to compute: a policy with one order of summation. */
export interface Run {
  readonly policy: Policy;
  readonly order: Order;
}

const plain = { normOnce: false, inputs: "as they are" } as const;
const in16 = (name: string, format: Rounding): Policy => ({
  ...plain,
  name,
  store: format,
  steps: format,
  work: F32,
  residual: format,
  weights: format,
  orders: ["exact", "naive"],
});

const f32: Policy = {
  ...plain,
  name: "f32",
  store: F32,
  steps: F32,
  work: F32,
  residual: F32,
  weights: F32,
  orders: ["naive", "chunked", "pairwise", "lanes"],
};
const bf16 = in16("bf16-hf-eager", BF16);

/** The policies by name. */
export const POLICIES: ReadonlyMap<string, Policy> = new Map(
  [
    f32,
    bf16,
    in16("f16-hf-eager", F16),
    { ...bf16, name: "fused-norm", normOnce: true },
    { ...bf16, name: "fp32-residual", residual: F32 },
    { ...f32, name: "f16-inputs", inputs: "f16" } satisfies Policy,
    { ...f32, name: "int8", inputs: "int8", orders: ["exact", "naive", "lanes"] } satisfies Policy,
    { ...f32, name: "q8_0", inputs: "q8_0", orders: ["exact", "naive", "lanes"] } satisfies Policy,
  ].map((policy) => [policy.name, policy]),
);

const exact = { ...plain, steps: F64, work: F64, weights: F64, orders: ["exact"] as const };

/** The truth: float64 throughout, with the reference's order of sums. */
export const TRUTH: Run = {
  policy: { ...exact, name: "f64", store: F64, residual: F64 },
  order: "exact",
};

/** The reference: float64 within an operation, one rounding to float32 at its end. */
export const REFERENCE: Policy = { ...exact, name: "reference", store: F32, residual: F32 };

/** Other spellings of the same. */
const ALIASES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^(f32|fp32|float32)(-.*)?$/, "f32"],
  [/^(bf16|bfloat16)(-.*)?$/, "bf16-hf-eager"],
  [/^(f16|fp16|float16|half)(-.*)?$/, "f16-hf-eager"],
  [/^(int8|w8a8)(-.*)?$/, "int8"],
  [/^q8_0(-.*)?$/, "q8_0"],
];

/**
 * The policy of that name; "bf16" and "bfloat16" are "bf16-hf-eager", and so on.
 *
 * throws   UsageError E_ARG_POLICY
 */
export function policyOf(name: string): Policy {
  const known =
    POLICIES.get(name) ?? POLICIES.get(ALIASES.find(([pattern]) => pattern.test(name.toLowerCase()))?.[1] ?? "");
  if (known !== undefined) return known;
  throw new UsageError("E_ARG_POLICY", "policy", {
    expected: `one of ${[...POLICIES.keys()].join(", ")}`,
    actual: `"${name}"`,
    hint: "Say with --policy how the engine rounds.",
  });
}

/** Every way to compute under a policy, over which its noise is measured. */
export function runsOf(policy: Policy): Run[] {
  return policy.orders.map((order) => ({ policy, order }));
}

/** The noise granted to a row that is not rounded at all: about that of one rounding; in float32, of a last bit. */
export function floorOf({ store }: Policy): number {
  return store === F32 ? store.u : store.u / 4;
}
