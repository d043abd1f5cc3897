/**
 * Rounding policies: where an engine rounds, and to what. The name stands in a bundle's manifest as `policy`.
 *
 * In all of them sums are taken in float32, softmax and the norm's statistics too, and RoPE's cosine and sine are made
 * in float32 and then rounded to the format of the activations, as Hugging Face does.
 */
import { UsageError } from "../../errors.ts";
import { BF16, F16, F32, F64, type Rounding } from "./formats.ts";
import { kvFormatOf, type KvFormat, type Ties } from "./kv.ts";
import type { Order } from "./orders.ts";
import { quantisedTo, type WeightsOption } from "./quantised.ts";

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
  /** The format in which flash attention takes queries, keys and values and sums; undefined where attention rounds as above. */
  readonly flash: Rounding | undefined;
  /** How far its sigmoid may be off, however small it is; 0 where it is made of the exponential, and only rounded. */
  readonly sigmoidError: number;
  /** How keys and values are kept for attention, if not as they are computed. */
  readonly kv?: KvFormat | undefined;
  /** What engines of this policy differ in: its noise is measured over these. */
  readonly ways: readonly Computing[];
}

/** What a policy leaves open. */
export interface Computing {
  readonly order: Order;
  /** Whether attention is one operation: scores are not rounded, and weights before they are divided by their sum. */
  readonly fused?: boolean | undefined;
  /** Which way keys and values are rounded that lie between two numbers of their format; as the format says unless told. */
  readonly ties?: Ties | undefined;
  /** Whether what keys and values are multiplied by is rounded to their format too, as llama.cpp does. */
  readonly operands?: boolean | undefined;
  /** The format of rows to which weights are rounded, where the truth has them as they were. */
  readonly weights?: KvFormat | undefined;
}

/** One way to compute, under a policy. */
export interface Run extends Computing {
  readonly policy: Policy;
}

const plain = { normOnce: false, inputs: "as they are", flash: undefined, sigmoidError: 0 } as const;
const ordered = (...orders: readonly Order[]): Computing[] => orders.map((order) => ({ order }));

/**
 * A whole run is a draw, and where one product is most of a row two of them can be right by chance: over "exact" and
 * "naive" alone correct runs of SmolLM2 came to 6.9 noises (docs/log.md). Fused attention is Hugging Face's sdpa.
 */
const WAYS_IN_16: readonly Computing[] = [
  ...ordered("exact", "naive", "chunked", "pairwise"),
  { order: "naive", fused: true },
];
const in16 = (name: string, format: Rounding): Policy => ({
  ...plain,
  name,
  store: format,
  steps: format,
  work: F32,
  residual: format,
  weights: format,
  ways: WAYS_IN_16,
});

const f32: Policy = {
  ...plain,
  name: "f32",
  store: F32,
  steps: F32,
  work: F32,
  residual: F32,
  weights: F32,
  ways: ordered("naive", "chunked", "pairwise", "lanes"),
};
const bf16 = in16("bf16-hf-eager", BF16);
/**
 * ONNX Runtime's sigmoid of float32 is a quotient of polynomials and 1/2, cut off at 18: of 5 million values from -40 to 40
 * it was off by 1.67e-7 at most, root mean square 2.3e-8 (1.32, test/hf/oracle/sigmoid.py). The next power of two.
 */
const SIGMOID_ERROR = 2 ** -22;

/** "pairwise" for the angles that llama.cpp makes, without which its Q8_0 on SmolLM2 came to 5.2 noises at qr (docs/log.md). */
const BYTES = ordered("exact", "naive", "lanes", "pairwise");

const f16Inputs: Policy = { ...f32, name: "f16-inputs", inputs: "f16" };
const q8: Policy = { ...f32, name: "q8_0", inputs: "q8_0", ways: BYTES };
/** The same with llama.cpp's flash attention, which takes keys and values in float16 whatever its cache holds. */
const flashed = (policy: Policy): Policy => ({ ...policy, name: `${policy.name}-flash`, flash: F16 });

/** The policies by name. */
export const POLICIES: ReadonlyMap<string, Policy> = new Map(
  [
    f32,
    bf16,
    in16("f16-hf-eager", F16),
    { ...bf16, name: "fused-norm", normOnce: true },
    { ...bf16, name: "fp32-residual", residual: F32 },
    f16Inputs,
    { ...f32, name: "absolute-sigmoid", sigmoidError: SIGMOID_ERROR } satisfies Policy,
    { ...f32, name: "int8", inputs: "int8", ways: BYTES } satisfies Policy,
    q8,
    ...[f32, f16Inputs, q8].map(flashed),
  ].map((policy) => [policy.name, policy]),
);

const exact = { ...plain, steps: F64, work: F64, weights: F64, ways: ordered("exact") };

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
  [/^q8(_0)?(-.*)?$/, "q8_0"],
];

/** What may follow a policy's name: how keys and values are kept, and to what weights were rounded. */
const KV = "kv-";
const QUANTISED = "weights-";

/** The policy with keys and values kept in another format; itself for float32, which rounds nothing. */
function withKv(policy: Policy, kv: KvFormat | undefined): Policy {
  if (kv === undefined) return policy;
  const [first] = policy.ways;
  const ties: Computing[] = kv.blocks ? (["up", "down"] as const).map((way) => ({ ...first!, ties: way })) : [];
  const both = policy.inputs !== "as they are" || policy.flash !== undefined;
  const operands: Computing[] = both ? policy.ways.map((way) => ({ ...way, operands: true })) : [];
  return { ...policy, name: `${policy.name}+${KV}${kv.name}`, kv, ways: [...policy.ways, ...ties, ...operands] };
}

/** The policy with weights that were rounded to a format, and a truth with those that were not. */
function withWeights(policy: Policy, weights: KvFormat | undefined): Policy {
  if (weights === undefined) return policy;
  const ways = [...policy.ways, { ...policy.ways[0]!, weights }];
  return { ...policy, name: `${policy.name}+${QUANTISED}${weights.name}`, ways };
}

/**
 * The policy of that name; "bf16" and "bfloat16" are "bf16-hf-eager", and so on. A name may end with how keys and values
 * are kept, and with the format to which weights were rounded: "f32+kv-q8_0", "q8_0+weights-q8_0".
 *
 * throws   UsageError E_ARG_POLICY, E_ARG_KV
 */
export function policyOf(name: string): Policy {
  const [base, { kv, weights }] = partsOf(name);
  return withWeights(withKv(namedPolicy(base), format(kv)), format(weights));
}

const format = (name: string | undefined) => (name === undefined ? undefined : kvFormatOf(name));

/** "f32+kv-q8_0" as "f32" and what follows it. */
function partsOf(name: string): [base: string, { kv?: string | undefined; weights?: string | undefined }] {
  const [base = "", ...more] = name.split("+");
  const after = (prefix: string) => more.find((part) => part.startsWith(prefix))?.slice(prefix.length);
  const known = more.every((part) => part.startsWith(KV) || part.startsWith(QUANTISED));
  return known ? [base, { kv: after(KV), weights: after(QUANTISED) }] : [name, {}];
}

function namedPolicy(name: string): Policy {
  const known =
    POLICIES.get(name) ?? POLICIES.get(ALIASES.find(([pattern]) => pattern.test(name.toLowerCase()))?.[1] ?? "");
  if (known !== undefined) return known;
  throw new UsageError("E_ARG_POLICY", "policy", {
    expected: `one of ${[...POLICIES.keys()].join(", ")}`,
    actual: `"${name}"`,
    hint: "Say with --policy how the engine rounds.",
  });
}

/**
 * The policy under which an engine is judged: as it says of itself, or as it is told. A format for keys and values takes
 * the place of whatever the name says of them.
 *
 * throws   UsageError E_ARG_POLICY, E_ARG_KV; E_ARG_WEIGHTS as `quantisedTo`
 */
export function policyFor(said: SaidOfIt, told: ToldOfIt = {}): Policy {
  const [base, named] = partsOf(told.policy ?? said.policy);
  const kept = withKv(namedPolicy(base), format(told.kvDtype ?? named.kv ?? said.kv_dtype));
  if (told.weights !== "original") return withWeights(kept, format(named.weights));
  return withWeights(kept, format(named.weights ?? quantisedTo(said.weights_dtype, kept.name)));
}

/** What an engine's bundle says of its numbers. */
export interface SaidOfIt {
  readonly policy: string;
  readonly kv_dtype?: string | undefined;
  readonly weights_dtype?: string | undefined;
}

/** What is told of them in its place. */
export interface ToldOfIt {
  readonly policy?: string | undefined;
  readonly kvDtype?: string | undefined;
  readonly weights?: WeightsOption | undefined;
}

/** Every way to compute under a policy, over which its noise is measured. */
export function runsOf(policy: Policy): Run[] {
  return policy.ways.map((way) => ({ policy, ...way }));
}

/** The noise granted to a row that is not rounded at all: about that of one rounding; in float32, of a last bit. */
export function floorOf({ store }: Policy): number {
  return store === F32 ? store.u : store.u / 4;
}
