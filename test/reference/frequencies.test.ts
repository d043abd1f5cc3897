import { expect, it } from "vitest";
import { frequencies } from "../../src/reference/frequencies.ts";
import { golden } from "../support/golden.ts";
import { ropeCases } from "../support/rope-cases.ts";
import { exact, ulp, within } from "../support/within.ts";

const file = golden("ops/rope");

it.each(ropeCases)("frequencies round each step as the specification says, to the bit: $name", ({ name, rope }) => {
  within(name, frequencies(rope).f, file.values(`${name}.f.f64`), exact);
});

// torch's float32 pow is not rounded correctly: it is one step off at a few frequencies, and 1 / pow carries it on;
// YaRN's mixture adds two such values.
it.each(ropeCases)("frequencies are within 2 ulp of Hugging Face's: $name", ({ name, rope }) => {
  within(name, frequencies(rope).f, file.values(`${name}.f`), ulp(2));
});

it.each(ropeCases)("the factor on cos and sin is Hugging Face's, rounded: $name", ({ name, rope }) => {
  expect(frequencies(rope).attention).toBe(Math.fround(file.values(`${name}.attention`)[0]!));
});

it("YaRN as QwQ's README sets it keeps frequencies up to 23, and divides them by 4 from 40 on", () => {
  const yarn = { factor: 4, original: 32768, attention: 1, fast: 32, slow: 1, truncate: true };
  const plain = frequencies({ D: 128, theta: 1e6, yarn: undefined }).f;
  const { f } = frequencies({ D: 128, theta: 1e6, yarn });
  expect(f.subarray(0, 24)).toEqual(plain.subarray(0, 24));
  expect(f[24]).toBeLessThan(plain[24]!);
  within(
    "slowed",
    f.subarray(40),
    plain.subarray(40).map((x) => x / 4),
    exact,
  );
});
