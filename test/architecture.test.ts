import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

/** The room of a file: its folder under src, or its own name at the top of src. */
function room(file: string): string {
  const parts = file.split("/");
  return parts[0] === "src" && parts.length > 2
    ? parts[1]!
    : parts[0] === "src"
      ? parts[1]!.replace(/\.ts$/, "")
      : parts[0]!;
}

/** Benchmarks use everything; what assembly/ imports is its own language's. */
const isOurs = (file: string) => !file.startsWith("kernels/bench/") && !file.startsWith("kernels/wasm/assembly/");

const LEAVES = ["errors", "tensor", "config"];

/** Everything that the command and the public interface may name. */
const BELOW_CLI = [
  ...LEAVES,
  "json",
  "weights",
  "ops",
  "model",
  "reference",
  "quant",
  "files",
  "text",
  "generate",
  "oracle",
  "library",
  "synth",
  "quantize",
  "hub",
  "integrity",
  "verify",
  "ask",
  "eval",
  "agent",
  "training",
  "grammar",
  "serve",
];

/** What each room may import, besides itself. Dependencies point one way. */
const MAY: Record<string, readonly string[]> = {
  errors: [],
  thread: [],
  tensor: ["errors"],
  config: ["errors"],
  weights: ["tensor", "config"],
  ops: ["tensor", "config"],
  model: ["ops", "tensor", "config", "weights"],
  reference: [...LEAVES, "ops"],
  json: ["errors"],
  quant: ["errors"],
  text: ["errors", "json"],
  files: [...LEAVES, "thread", "json", "weights", "quant", "text"],
  generate: [...LEAVES, "weights", "ops", "model"],
  oracle: [...LEAVES, "json", "weights", "quant", "ops", "model", "reference", "generate", "text", "files"],
  verify: ["errors", "thread", "json", "text", "files", "generate"],
  ask: ["errors", "json", "text", "library"],
  eval: ["errors", "json", "files", "text", "verify", "ask"],
  agent: ["errors", "json", "files", "text", "verify", "ask"],
  training: [
    ...LEAVES,
    ...["json", "quant", "ops", "weights", "model", "reference", "files", "text", "generate", "verify", "agent"],
  ],
  learn: [...LEAVES, "thread", "weights", "ops", "model", "reference", "oracle", "files"],
  library: [...LEAVES, "json", "weights", "ops", "model", "reference", "files", "text", "generate"],
  grammar: ["errors", "json", "text", "generate"],
  serve: ["errors", "thread", "json", "files", "text", "generate", "grammar", "library", "verify"],
  quantize: [...LEAVES, "thread", "json", "weights", "quant", "files"],
  synth: [...LEAVES, "thread", "weights", "quant", "files", "quantize"],
  integrity: [...LEAVES, "thread", "json", "quant", "files"],
  hub: ["errors", "json", "files"],
  browser: ["errors", "ops", "reference", "text", "library", "kernels"],
  pictures: ["errors"],
  notebook: ["errors"],
  lesson: [...BELOW_CLI, "pictures", "kernels"],
  index: [...BELOW_CLI],
  cli: [...BELOW_CLI, "thread", "kernels", "notebook", "learn"],
  kernels: ["errors", "thread", "tensor", "config", "ops", "reference", "quant", "training", "generate"],
};

function imports(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1]!);
  return found.filter((path) => path.startsWith(".")).map((path) => relative(root, join(root, dirname(file), path)));
}

describe("dependencies point one way", () => {
  for (const file of [...sources("src"), ...sources("kernels").filter(isOurs)]) {
    it(`${file} imports only what its room may`, () => {
      const own = room(file);
      const may = MAY[own];
      expect(may, `${file}: "${own}" is not a room; add it to the table or move the file`).toBeDefined();
      const wrong = imports(file).filter((path) => room(path) !== own && !may!.includes(room(path)));
      expect(wrong, `${file} imports ${wrong.join(", ")}: ${own} may import only ${may!.join(", ")}`).toEqual([]);
    });
  }
});

it("no benchmark and no file of kernels/gpujs imports itself by way of others", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const follow = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    else if (!done.has(file)) for (const next of imports(file)) if (next.endsWith(".ts")) follow(next, [...path, file]);
    done.add(file);
  };
  for (const file of [...sources("kernels/gpujs"), ...sources("kernels/bench")]) follow(file, []);
  expect(circles.filter((circle) => /kernels\/(gpujs|bench)\//.test(circle))).toEqual([]);
});

describe("budgets", () => {
  const lines = (file: string) => readFileSync(join(root, file), "utf8").trimEnd().split("\n").length;

  it("src/model.ts has at most 60 lines, no any, no cast, no await", () => {
    const text = readFileSync(join(root, "src/model.ts"), "utf8");
    const code = text.replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    expect(lines("src/model.ts")).toBeLessThanOrEqual(60);
    expect(code).not.toMatch(/\b(any|as|await)\b/);
  });

  it("every source file has at most 300 lines", () => {
    const over = [...sources("src"), ...sources("kernels").filter(isOurs)].filter((file) => lines(file) > 300);
    expect(over.map((file) => `${file}: ${lines(file)}`)).toEqual([]);
  });
});
