/**
 * noise.json of a bundle: what rounding alone does to each row of each tap, by policy.
 */
import { FormatError } from "../errors.ts";
import { as, describe, field, optional } from "../json/fields.ts";
import { type Json, type JsonObject } from "../json/json.ts";

export const NOISE_FILE = "noise.json";
export const NOISE_FORMAT = "oracle-noise/1";

/** Of one tap, a number for each position. */
export interface TapNoise {
  readonly cumulative: readonly number[];
  readonly local?: readonly number[] | undefined;
}

/** By policy, by tap. */
export type Noise = ReadonlyMap<string, ReadonlyMap<string, TapNoise>>;

/** noise.json: three digits each, one tap a line. The same noise gives the same bytes. */
export function noiseText(noise: Noise): string {
  const list = (values: readonly number[]) => `[${values.map((value) => Number(value.toPrecision(3))).join(",")}]`;
  const tap = ([name, { cumulative, local }]: [string, TapNoise]) =>
    `  ${JSON.stringify(name)}: {"cumulative":${list(cumulative)}${local === undefined ? "" : `,"local":${list(local)}`}}`;
  const policies = [...noise].map(([name, taps]) => `${JSON.stringify(name)}: {\n${[...taps].map(tap).join(",\n")}\n}`);
  return `{\n"format": "${NOISE_FORMAT}",\n"policies": {\n${policies.join(",\n")}\n}\n}\n`;
}

/** Reads noise.json. Throws FormatError E_BUNDLE_NOISE. */
export function readNoise(json: Json, path: string): Noise {
  const place = { path, code: "E_BUNDLE_NOISE", hint: "Record the bundle again." };
  const fields = as(json, "object", "", place);
  if (fields.get("format") !== NOISE_FORMAT) {
    throw new FormatError("E_BUNDLE_NOISE", path, {
      path,
      expected: `"format" to be "${NOISE_FORMAT}"`,
      actual: describe(fields.get("format")),
      hint: place.hint,
    });
  }
  const numbers = (values: readonly Json[], name: string) => values.map((value) => as(value, "number", name, place));
  const tap = (entry: JsonObject, name: string): TapNoise => {
    const local = optional(entry, "local", "array", place);
    return {
      cumulative: numbers(field(entry, "cumulative", "array", place), name),
      local: local === undefined ? undefined : numbers(local, name),
    };
  };
  const policy = (taps: JsonObject) =>
    new Map([...taps].map(([name, entry]) => [name, tap(as(entry, "object", name, place), name)]));
  const policies = field(fields, "policies", "object", place);
  return new Map([...policies].map(([name, taps]) => [name, policy(as(taps, "object", name, place))]));
}
