/** The page's equations with the goldens' inputs, as calls of any backend. */
import type { Ops } from "../../src/ops.ts";
import { cases, golden } from "./golden.ts";
import { ropeCases } from "./rope-cases.ts";

export interface Equation {
  readonly name: string;
  run(ops: Ops): Promise<Float32Array>;
  readonly golden: ArrayLike<number>;
}

const files = {
  linear: golden("ops/linear"),
  rmsNorm: golden("ops/rms-norm"),
  rope: golden("ops/rope"),
  attention: golden("ops/attention"),
  swiglu: golden("ops/swiglu"),
  add: golden("ops/add"),
};

function linear(name: string): Equation {
  const file = files.linear;
  const [x, W] = [file.tensor<"T I">(`${name}.x`), file.tensor<"O I">(`${name}.W`)];
  const b = file.has(`${name}.b`) ? file.tensor<"O">(`${name}.b`) : undefined;
  return {
    name: `linear ${name}`,
    run: async (ops) => (await ops.download(ops.linear(ops.upload(x), W, b))).data,
    golden: file.values(`${name}.y.f64`),
  };
}

function rmsNorm(name: string): Equation {
  const file = files.rmsNorm;
  const [x, g] = [file.tensor<"T C">(`${name}.x`), file.tensor<"C">(`${name}.g`)];
  return {
    name: `rmsNorm ${name}`,
    run: async (ops) => (await ops.download(ops.rmsNorm(ops.upload(x), g, 1e-5))).data,
    golden: file.values(`${name}.y.f64`),
  };
}

function attention(name: string): Equation {
  const file = files.attention;
  const q = file.tensor<"T HD">(`${name}.q`);
  const [k, v] = [file.tensor<"S KD">(`${name}.k`), file.tensor<"S KD">(`${name}.v`)];
  const D = file.values(`${name}.D`)[0]!;
  return {
    name: `attention ${name}`,
    run: async (ops) => (await ops.download(ops.attention(ops.upload(q), ops.upload(k), ops.upload(v), D))).data,
    golden: file.values(`${name}.y.f64`),
  };
}

function swiglu(name: string): Equation {
  const file = files.swiglu;
  const [gate, up] = [file.tensor<"T F">(`${name}.gate`), file.tensor<"T F">(`${name}.up`)];
  return {
    name: `swiglu ${name}`,
    run: async (ops) => (await ops.download(ops.swiglu(ops.upload(gate), ops.upload(up)))).data,
    golden: file.values(`${name}.y.f64`),
  };
}

function add(): Equation {
  const [x, y] = [files.add.tensor<"T C">("residual.x"), files.add.tensor<"T C">("residual.y")];
  return {
    name: "add",
    run: async (ops) => (await ops.download(ops.add(ops.upload(x), ops.upload(y)))).data,
    golden: files.add.values("residual.z"),
  };
}

/** A case of rope at one of its places. */
function rope({ name, rope: R }: (typeof ropeCases)[number], t: number): Equation {
  const file = files.rope;
  const x = file.tensor<"T HD">(`${name}.x`);
  const width = x.shape[1]!;
  const place = file.values("positions")[t]!;
  return {
    name: `rope ${name} at ${place}`,
    run: async (ops) => (await ops.download(ops.rope(ops.rows<"HD">(ops.upload(x), t, 1), place, R))).data,
    golden: file.values(`${name}.y.f64`).subarray(t * width, (t + 1) * width),
  };
}

/** Every case of golden/ops but the embedding, which is made on this computer. */
export const EQUATIONS: readonly Equation[] = [
  ...cases(files.linear).map(linear),
  ...cases(files.rmsNorm).map(rmsNorm),
  ...ropeCases.flatMap((each) => [0, 1, 2, 3].map((t) => rope(each, t))),
  ...cases(files.attention).map(attention),
  ...cases(files.swiglu).map(swiglu),
  add(),
];

/** The largest error as a share of the largest value. */
export function ofLargest(actual: ArrayLike<number>, golden: ArrayLike<number>): number {
  let [error, largest] = [0, 0];
  for (let i = 0; i < golden.length; i++) {
    error = Math.max(error, Math.abs(actual[i]! - golden[i]!));
    largest = Math.max(largest, Math.abs(golden[i]!));
  }
  return error === 0 ? 0 : error / largest;
}
