/** The golden files are what golden/make.py says it made, and the tiny model leaves no parameter untested. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { expect, test } from "vitest";
import { parseSafetensors } from "../src/files/safetensors.ts";
import { goldenJson, goldenPath } from "./support/golden.ts";

interface Manifest {
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  readonly floors: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const manifest = goldenJson<Manifest>("manifest.json");

/**
 * What the manifest covers: every file in a folder below golden/, but trained models and what was measured of them, and
 * problems that are others', whose hashes test/eval/data.test.ts knows.
 */
function found(): string[] {
  return readdirSync(goldenPath(""), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(goldenPath(""), join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter(
      (name) =>
        name.includes("/") &&
        !name.includes("__pycache__") &&
        !/^(reasoner|toolcaller|recipe|mixing|eval)\//.test(name),
    );
}

test("the golden files are those of the manifest, each to the byte", () => {
  const listed = Object.entries(manifest.files).map(([name, { sha256 }]) => [name, sha256]);
  const there = found().map((name) => [
    name,
    createHash("sha256")
      .update(readFileSync(goldenPath(name)))
      .digest("hex"),
  ]);
  expect(Object.fromEntries(there)).toEqual(Object.fromEntries(listed));
});

test("every float64 column has a float32 column beside it, and each of its activations a floor above zero", () => {
  const columns = Object.keys(manifest.files).filter((name) => name.endsWith(".f64.safetensors"));
  expect(columns.length).toBeGreaterThan(0);
  for (const name of columns) {
    const column = name.slice(0, -".f64.safetensors".length);
    expect(existsSync(goldenPath(`${column}.f32.safetensors`)), column).toBe(true);
    const taps = [...parseSafetensors(readFileSync(goldenPath(name)), name).keys()];
    for (const tap of taps) {
      const floor = manifest.floors[column]?.[tap];
      // A floor of zero would make the bound an equality, which only the embedding, a copied row, can meet.
      if (tap === "embed") expect(floor, `${column} ${tap}`).toBe(0);
      else expect(floor, `${column} ${tap}`).toBeGreaterThan(0);
    }
  }
});

test("no bias of the tiny model is zero and no gain is one: each was drawn", () => {
  const path = goldenPath("model/tiny/model.safetensors");
  const ONE = 0x3f80; // bfloat16
  let checked = 0;
  for (const [name, { bytes, dtype, shape }] of parseSafetensors(readFileSync(path), path)) {
    expect(dtype, name).toBe("BF16");
    if (shape.length !== 1) continue;
    const values = new Uint16Array(new Uint8Array(bytes).buffer);
    const initial = name.endsWith(".bias") ? 0 : ONE;
    const left = values.filter((value) => value === initial).length;
    expect(left, name).toBeLessThan(values.length / 8); // bfloat16 has few values near one: some are drawn by chance
    checked++;
  }
  expect(checked).toBe(3 * 5 + 1);
});
