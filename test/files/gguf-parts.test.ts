import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/files/checkpoint.ts";
import { openGgufParts } from "../../src/files/gguf-parts.ts";
import { openText } from "../../src/files/text-files.ts";
import { scanTensor } from "../../src/files/scan.ts";
import { ggufModel, ggufPairs, ggufTensors, SMALL_LLAMA, temporaryFolder } from "../support/checkpoints.ts";
import { codeOf } from "../support/codes.ts";
import { gguf, type GgufTensor, type Pair } from "../support/gguf.ts";

const nameOf = (part: number, count: number) =>
  `small-${String(part).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.gguf`;

interface Part {
  readonly pairs: readonly Pair[];
  readonly tensors: readonly GgufTensor[];
}

/** The parts as gguf-split makes them: metadata in the first, tensors in their order. */
function split(count: number, tensors: readonly GgufTensor[], tensorsInFirst = true): Part[] {
  const places = tensorsInFirst ? count : count - 1;
  return Array.from({ length: count }, (_, no): Part => {
    const place = tensorsInFirst ? no : no - 1;
    const numbers: Pair[] = [
      { key: "split.no", type: "uint16", value: no },
      { key: "split.count", type: "uint16", value: count },
      { key: "split.tensors.count", type: "int32", value: tensors.length },
    ];
    return {
      pairs: no === 0 ? [...ggufPairs(SMALL_LLAMA), ...numbers] : numbers,
      tensors: tensors.filter((_, i) => Math.floor((i * places) / tensors.length) === place),
    };
  });
}

/** Writes the parts and returns their paths. */
function written(parts: readonly Part[]): string[] {
  const folder = temporaryFolder();
  return parts.map((part, no) => {
    const path = join(folder, nameOf(no + 1, parts.length));
    writeFileSync(path, gguf(part));
    return path;
  });
}

const TENSORS = ggufTensors(SMALL_LLAMA);

describe("openGgufParts", () => {
  it("one file is a model of one part, whatever it is called", () => {
    const folder = temporaryFolder();
    for (const name of ["small.gguf", nameOf(2, 3)]) {
      writeFileSync(join(folder, name), ggufModel());
      const { files, gguf } = openGgufParts(join(folder, name));
      expect([files.length, gguf.tensors.length]).toEqual([1, TENSORS.length]);
      for (const file of files) file.close();
    }
  });

  it.each([true, false])(
    "the whole model is the same by the name of any part (tensors in the first: %s)",
    (inFirst) => {
      const whole = join(temporaryFolder(), "whole.gguf");
      writeFileSync(whole, ggufModel());
      const one = openCheckpoint(whole);
      for (const path of written(split(3, TENSORS, inFirst))) {
        const parts = openCheckpoint(path);
        expect(parts.config).toEqual(one.config);
        expect([...parts.source.tensors.keys()]).toEqual([...one.source.tensors.keys()]);
        expect(new Set([...parts.source.tensors.values()].map((info) => info.path)).size).toBe(inFirst ? 3 : 2);
        for (const [name, info] of one.source.tensors) {
          const [ours, theirs] = [parts.source, one.source].map((source, i) => {
            const at = i === 0 ? source.tensors.get(name)! : info;
            return source.window(at, 0, at.bytes, (bytes) => Buffer.from(bytes).toString("hex"));
          });
          expect(ours).toBe(theirs);
          expect(scanTensor(parts.source, parts.source.tensors.get(name)!).nonFinite).toBeUndefined();
        }
        parts.close();
        expect(openText(path).vocabulary).toBeUndefined();
      }
      one.close();
    },
  );

  it("the metadata are those of the first part", () => {
    const [, second] = written(split(2, TENSORS));
    const { files, gguf } = openGgufParts(second!);
    expect(gguf.metadata.get("general.architecture")?.value).toBe("llama");
    expect(gguf.metadata.get("split.no")?.value).toBe(0);
    for (const file of files) file.close();
  });
});

describe("bad parts have their codes", () => {
  const three = split(3, TENSORS);
  const numbered = (no: number, key: string, value: number): Part => ({
    ...three[no]!,
    pairs: three[no]!.pairs.map((pair) => (pair.key === key ? { ...pair, value } : pair)),
  });
  const swapped = (no: number, part: Part) => three.map((one, i) => (i === no ? part : one));
  const withPair = (no: number, ...pairs: Pair[]): Part => ({ ...three[no]!, pairs: [...three[no]!.pairs, ...pairs] });
  const without = (no: number, key: string): Part => ({
    ...three[no]!,
    pairs: three[no]!.pairs.filter((pair) => pair.key !== key),
  });

  it.each<[string, Part[], string]>([
    ["a part twice, under its fellow's name", [three[0]!, three[1]!, three[1]!], "E_IDX_NUMBERING"],
    ["a part of fewer", swapped(1, numbered(1, "split.count", 2)), "E_IDX_MIXED"],
    ["a part that does not say of how many", swapped(1, without(1, "split.count")), "E_IDX_SCHEMA"],
    ["a part that does not say which", swapped(2, without(2, "split.no")), "E_IDX_SCHEMA"],
    ["a part of no split model", swapped(1, { pairs: [], tensors: three[1]!.tensors }), "E_IDX_SCHEMA"],
    [
      "more tensors promised than there are",
      [numbered(0, "split.tensors.count", 99), without(1, "split.tensors.count"), without(2, "split.tensors.count")],
      "E_IDX_TENSOR_COUNT",
    ],
    ["no word of how many tensors", three.map((_, no) => without(no, "split.tensors.count")), "E_IDX_SCHEMA"],
    ["a part of a model with more tensors", swapped(2, numbered(2, "split.tensors.count", 99)), "E_IDX_MIXED"],
    [
      "a part of another architecture",
      swapped(1, withPair(1, { key: "general.architecture", type: "string", value: "qwen2" })),
      "E_IDX_MIXED",
    ],
    [
      "a tensor in two parts",
      swapped(2, { ...three[2]!, tensors: [...three[2]!.tensors.slice(1), three[0]!.tensors[0]!] }),
      "E_IDX_TENSOR_DUP",
    ],
    [
      "a number of parts that is a text",
      [{ ...three[0]!, pairs: [{ key: "split.count", type: "string", value: "3" }] }, three[1]!, three[2]!],
      "E_IDX_SCHEMA",
    ],
    ["60,000 parts", [numbered(0, "split.count", 60_000)], "E_LIMIT_SHARDS"],
  ])("%s", (_, parts, code) => expect(codeOf(() => openGgufParts(written(parts)[0]!))).toBe(code));

  it("a part is missing: its name is said", () => {
    const [first, second] = written(three);
    rmSync(second!);
    expect(codeOf(() => openGgufParts(first!))).toBe("E_IDX_SHARD_MISSING");
    expect(() => openGgufParts(first!)).toThrow(
      `${first!}: expected all 3 parts beside it, got no "small-00002-of-00003.gguf". The download is incomplete`,
    );
  });

  it("a part under another name, which no longer tells where the others are", () => {
    const [first] = written(three);
    const path = join(first!, "../renamed.gguf");
    renameSync(first!, path);
    expect(codeOf(() => openGgufParts(path))).toBe("E_IDX_NUMBERING");
    expect(() => openGgufParts(path)).toThrow('expected the name "NAME-00001-of-00003.gguf", by its metadata');
  });

  it("two names of one file, a link out of the folder, a part cut short", () => {
    const [first, second, third] = written(three);
    rmSync(third!);
    linkSync(second!, third!);
    expect(codeOf(() => openGgufParts(first!))).toBe("E_IDX_SHARD_DUP");
    rmSync(third!);
    symlinkSync("/etc/hostname", third!);
    expect(codeOf(() => openGgufParts(first!))).toBe("E_PATH_ESCAPE");
    rmSync(third!);
    writeFileSync(third!, readFileSync(second!).subarray(0, -64));
    expect(codeOf(() => openGgufParts(first!))).toBe("E_GGUF_TRUNCATED");
  });

  it("no file stays open (counted where the system has /proc)", () => {
    const count = () => (existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0);
    const before = count();
    codeOf(() => openGgufParts(written([three[0]!, three[1]!, three[1]!])[0]!));
    codeOf(() => openText(written(three)[1]!));
    expect(count()).toBe(before);
  });
});
