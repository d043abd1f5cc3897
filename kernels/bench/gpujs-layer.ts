/** A layer of QwQ-32B on a backend: 487 million weights, drawn, as int8 in groups of 128. */
import { QWQ_32B } from "../../src/config.ts";
import { sizes } from "../../src/files/names.ts";
import { block } from "../../src/model.ts";
import { host, stored, type Tensor } from "../../src/tensor.ts";
import type { Layer } from "../../src/weights.ts";
import type { Ops } from "../../src/ops.ts";

export interface LayerTime {
  /** Of one token at the second place, median of the rounds; or what forbids it. */
  readonly milliseconds?: number;
  readonly least?: number;
  readonly most?: number;
  readonly forbidden?: string;
}

const GROUP = 128;

/** Integers that follow a pattern, in blocks of a scale and 128 bytes, as int8 of compressed-tensors is lent. */
function matrix<A extends string>(name: string, rows: number, columns: number): Tensor<A> {
  const bytes = new Uint8Array((4 + GROUP) * (columns / GROUP));
  const scale = new Uint8Array(Float32Array.of(0.02 / Math.sqrt(columns)).buffer);
  for (let g = 0; g < columns / GROUP; g++) {
    bytes.set(scale, g * (4 + GROUP));
    for (let i = 0; i < GROUP; i++) bytes[g * (4 + GROUP) + 4 + i] = (g * GROUP + i) * 37;
  }
  return stored<A>({
    shape: [rows, columns],
    format: "CT_INT8",
    name,
    blocks: { bits: 8, group: GROUP, scale: "F32", zeros: false, divided: false, order: undefined },
    widen: () => undefined,
    window(_, count, use) {
      const all = new Uint8Array(count * bytes.length);
      for (let r = 0; r < count; r++) all.set(bytes, r * bytes.length);
      return use(all);
    },
  });
}

function layer(): Layer {
  const { C, HD, KD, F } = sizes(QWQ_32B);
  const vector = <A extends string>(length: number): Tensor<A> => host([length], new Float32Array(length).fill(1));
  return {
    g1: vector(C),
    Wq: matrix("Wq", HD, C),
    bq: vector(HD),
    Wk: matrix("Wk", KD, C),
    bk: vector(KD),
    Wv: matrix("Wv", KD, C),
    bv: vector(KD),
    Wo: matrix("Wo", C, HD),
    g2: vector(C),
    Wgate: matrix("Wgate", F, C),
    Wup: matrix("Wup", F, C),
    Wdown: matrix("Wdown", C, F),
  };
}

/** Runs it for one token after another. */
export async function layerTime(ops: Ops, rounds: number): Promise<LayerTime> {
  const [cache] = ops.cache({ ...QWQ_32B, layers: 1 }, 64);
  const W = layer();
  const times: number[] = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      const x = ops.upload(host<"T C">([1, QWQ_32B.channels], new Float32Array(QWQ_32B.channels).fill(0.5)));
      const began = performance.now();
      const { data } = await ops.scope(() => ops.download(block(ops, W, x, cache!, QWQ_32B.rope, QWQ_32B.eps).out));
      if (!data.every(Number.isFinite) || data.every((v) => v === 0)) throw new Error("the layer gives no numbers");
      if (round > 0) times.push(performance.now() - began); // the first brings the weights
    }
  } catch (error) {
    return { forbidden: (error as Error).message };
  } finally {
    ops.close?.();
  }
  times.sort((a, b) => a - b);
  return { milliseconds: times[rounds >> 1]!, least: times[0]!, most: times.at(-1)! };
}
