/** A learner's function in the place of the reference's, looked at wherever it is called. */
import type { Config } from "../config.ts";
import type { LayerCache, Ops } from "../ops.ts";
import { reference } from "../reference/index.ts";
import { type AnyTensor, host, type Host, isHost, isStored, type Tensor } from "../tensor.ts";
import type { Step, Written } from "./steps.ts";

/** What is wrong with a learner's file before any number is: a sentence. */
export class Wrong extends Error {
  override readonly name = "Wrong";
}

const EQUATIONS = ["embed", "rmsNorm", "linear", "rope", "attention", "swiglu", "add"] as const;
type Equation = (typeof EQUATIONS)[number];
const isEquation = (name: string): name is Equation => (EQUATIONS as readonly string[]).includes(name);

/** The function that a file is to export. */
export function functionOf(written: Written, name: string): (...inputs: unknown[]) => unknown {
  const found = written[name];
  if (typeof found === "function") return found as (...inputs: unknown[]) => unknown;
  throw new Wrong(
    `the file must export a function ${name}; it exports ${Object.keys(written).join(", ") || "nothing"}`,
  );
}

/** The reference with the learner's part in it. */
export function opsWith(step: Step, written: Written): Ops {
  const { exports: name } = step;
  if (name === "block") return reference;
  const theirs = functionOf(written, name);
  if (isEquation(name)) {
    const right = reference[name] as unknown as (...inputs: unknown[]) => Host<string>;
    const call = (...inputs: unknown[]) => {
      const given = inputs.map(opened);
      const before = given.map(copyOf);
      const made = theirs(...given);
      keptAsGiven(name, given, before);
      return checked(name, made, right(...inputs).shape);
    };
    return { ...reference, [name]: call };
  }
  return { ...reference, cache: (config, capacity) => cachesOf(theirs(config, capacity), config) };
}

const copyOf = (input: unknown): Float32Array | undefined =>
  typeof input === "object" && input !== null && "shape" in input ? (input as Host<string>).data.slice() : undefined;

const NTH = ["first", "second", "third", "fourth"];

/** Throws Wrong where a function has written into what it was given: others read it later. */
function keptAsGiven(name: string, given: readonly unknown[], before: readonly (Float32Array | undefined)[]): void {
  const changed = given.findIndex((input, i) => {
    const [was, now] = [before[i], (input as Host<string> | undefined)?.data];
    return was !== undefined && now !== undefined && !was.every((value, at) => Object.is(value, now[at]));
  });
  if (changed < 0) return;
  throw new Wrong(
    `${name} must leave its inputs as they are, since others read them later; it changed the ${NTH[changed]!} one. zeros(T, C) makes an array for the result`,
  );
}

/** What a learner's function returned, as a tensor of the right shape. */
export function checked(name: string, made: unknown, shape: readonly number[]): Host<string> {
  const wanted = `a tensor [${shape.join(" ")}]`;
  if (typeof made !== "object" || made === null || !("shape" in made) || !isHost(made as AnyTensor)) {
    throw new Wrong(
      `${name} must return ${wanted}, as zeros(${shape.join(", ")}) makes one; it returned ${kind(made)}`,
    );
  }
  const tensor = made as Host<string>;
  if (tensor.shape.length === shape.length && tensor.shape.every((n, axis) => n === shape[axis])) return tensor;
  throw new Wrong(`${name} must return ${wanted}; it returned one of [${tensor.shape.join(" ")}]`);
}

function kind(made: unknown): string {
  if (made === undefined) return "nothing";
  return made === null || typeof made !== "object" ? JSON.stringify(made) : "something else";
}

const widened = new WeakMap<object, Host<string>>();

/** Weights as they lie in a file, widened: a learner's functions are given float32 alone. */
function opened(input: unknown): unknown {
  if (typeof input !== "object" || input === null || !("shape" in input)) return input;
  const tensor = input as Tensor<string>;
  if (!isStored(tensor)) return input;
  const known = widened.get(tensor);
  if (known !== undefined) return known;
  const [O = 0, I = 0] = tensor.shape;
  const data = new Float32Array(O * I);
  tensor.widen(0, O, data);
  const whole = host<string>([O, I], data);
  widened.set(tensor, whole);
  return whole;
}

/** A learner's caches, with what they return looked at. */
function cachesOf(made: unknown, { layers, keyHeads, headSize }: Config): LayerCache[] {
  if (!Array.isArray(made) || made.length !== layers) {
    throw new Wrong(`cache must return an array of ${layers} caches, one a layer; it returned ${kind(made)}`);
  }
  if (new Set(made).size !== layers) {
    throw new Wrong("cache must return a cache of its own for each layer; the same one is there more than once");
  }
  return (made as LayerCache[]).map((cache) => ({
    get length() {
      return cache.length;
    },
    append(k, v) {
      const S = cache.length + k.shape[0]!;
      const { keys, values } = cache.append(k, v);
      const shape = [S, keyHeads * headSize];
      if (cache.length !== S) throw new Wrong(`a cache's length must be ${S} after append; it is ${cache.length}`);
      return {
        keys: checked("append's keys", keys, shape),
        values: checked("append's values", values, shape),
      } as never;
    },
    truncate: (length) => cache.truncate(length),
  }));
}
