/** The cases of golden/backward/ops, and the gradients that an equation must give for them. */
import { expect } from "vitest";
import type { Host } from "../../src/tensor.ts";
import type { Values } from "../../src/training/parameters.ts";
import { golden } from "./golden.ts";
import { ulp, within } from "./within.ts";

const file = golden("backward/ops");

/** One case's tensors by their short names, and its checks. */
export interface Case {
  tensor<A extends string>(name: string): Host<A>;
  values(name: string): ArrayLike<number>;
  /** Each gradient within one step of float32 of torch's in float64: float64 sums, rounded once. */
  check(made: Readonly<Record<string, Values>>): void;
}

/** The cases of one equation. */
export function cases(equation: string): [string, Case][] {
  const all = file.names.filter((name) => name.startsWith(`${equation}.`)).map((name) => name.split(".")[1]!);
  return [...new Set(all)].map((name) => [name, caseOf(`${equation}.${name}`)]);
}

function caseOf(prefix: string): Case {
  return {
    tensor: (name) => file.tensor(`${prefix}.${name}`),
    values: (name) => file.values(`${prefix}.${name}`),
    check: (made) => {
      const asked = file.names.filter((name) => name.startsWith(`${prefix}.d`) && name !== `${prefix}.dy`);
      expect(asked.map((name) => name.slice(prefix.length + 1)).sort()).toEqual(Object.keys(made).sort());
      for (const [name, { data, shape }] of Object.entries(made)) {
        expect(shape, name).toEqual(file.shape(`${prefix}.${name}`));
        within(name, data, file.values(`${prefix}.${name}`), ulp(1), [...shape]);
      }
    },
  };
}
