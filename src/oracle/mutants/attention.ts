/** Attention gone wrong: heads, scale, mask, cache, softmax. */
import { ATTENTION, type AttentionSettings } from "../numbers/attention.ts";
import { BF16, F16 } from "../numbers/formats.ts";
import { asRows, asTensor, Rows } from "../numbers/rows.ts";
import { atCalls, type Family, type Mutant, paged } from "./mutant.ts";

export const attention: Family = ({ run }) => {
  const { D } = run.rope;
  return [
    attending("gqa-tile", undefined, { heads: "tile" }),
    attending("scale-missing", undefined, { scale: Math.sqrt(D) }),
    attending("scale-double", "divided by D", { scale: 1 / Math.sqrt(D) }),
    attending("scale-double", "twice as large", { scale: 2 }),
    attending("mask-open", "one future token", { sees: "next" }),
    attending("mask-open", "all future tokens", { sees: "all" }),
    { ...attending("mask-strict", undefined, { sees: "before" }), skipRow: 0 },
    ...[1, -1].flatMap((by) => [
      attending("cache-shift", `keys by ${by}`, { moveKeys: by }),
      attending("cache-shift", `values by ${by}`, { moveValues: by }),
      attending("cache-shift", `keys and values by ${by}`, { moveKeys: by, moveValues: by }),
      movedKeys(by),
      movedValues(by),
    ]),
    ...[BF16, F16].map((format) => ({ ...attending("softmax-low", format.name, { softmax: format }), rounds: true })),
  ];
};

function attending(code: string, variant: string | undefined, change: Partial<AttentionSettings>): Mutant {
  return {
    code,
    variant,
    edit: (run) => {
      const other = run.ops.with({ attention: { ...ATTENTION, ...change } });
      return paged(run, () => ({ attention: other.attention }));
    },
  };
}

/** Keys that are moved already where they are seen as `kr`, as when that is read from the cache. */
function movedKeys(by: number): Mutant {
  return {
    code: "cache-shift",
    variant: `kr by ${by}`,
    edit: (run) =>
      paged(run, (page) => ({
        rope: atCalls(page.rope, (x, pos, R) => moved(page.rope(x, pos, R), by), [1]) as typeof page.rope,
      })),
  };
}

function movedValues(by: number): Mutant {
  return {
    code: "cache-shift",
    variant: `v by ${by}`,
    edit: (run) =>
      paged(run, (page) => ({
        linear: atCalls(page.linear, (x, W, b) => moved(page.linear(x, W, b), by), [2]) as typeof page.linear,
      })),
  };
}

function moved<A extends string>(x: ReturnType<typeof asTensor<A>>, by: number) {
  const rows = asRows(x);
  const [T, width] = rows.shape;
  return asTensor<A>(
    new Rows(T, width, (wanted, into) => {
      const from = wanted.map((t) => t - by).filter((t) => t >= 0 && t < T);
      const data = rows.need(from);
      for (const t of from) into.set(data.subarray(t * width, (t + 1) * width), (t + by) * width);
    }),
  );
}
