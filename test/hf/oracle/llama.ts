/**
 * llama.cpp as an engine to be judged: the library that node-llama-cpp brings, with llama_taps.cpp as its callback.
 *
 *   tsx test/hf/oracle/llama.ts OUT MODEL PROMPTS F32,F16,Q8_0,F32-flash,F16-flash,Q8_0-flash
 *
 * MODEL, a GGUF file or a folder, is written by llama.cpp itself in each of the types, and what it then computes is to be
 * judged by the weights of that very file; "-flash" is the same file with flash attention, and keys and values cached in
 * float16. PROMPTS is the folder that engines.py wrote. OUT/runs.json lists the bundles.
 */
import { execFileSync, type StdioOptions } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "../../../src/files/checkpoint.ts";
import { writeBundle } from "../../../src/oracle/bundle.ts";
import { assemble } from "../../../src/oracle/import/assemble.ts";
import { readForeign } from "../../../src/oracle/import/read.ts";

const [out = "", model = "", prompts = "", types = "F32"] = process.argv.slice(2);
const root = join(import.meta.dirname, "../../..");
const peers = join(root, ".cache/peers/node_modules");
const libraries = join(peers, "@node-llama-cpp/linux-x64/bins/linux-x64");
const quietly: StdioOptions = ["ignore", "ignore", "inherit"];

/** How llama.cpp meets weights of that type: with activations as they are, in half precision, or in blocks of bytes. */
const POLICIES: Readonly<Record<string, string>> = { F32: "f32", F16: "f16-inputs", Q8_0: "q8_0" };

/** The program, built once with the headers of the library's own version. */
function built(): string {
  const program = join(root, ".cache/llama/llama_taps");
  if (existsSync(program)) return program;
  const source = join(root, ".cache/llama/source");
  mkdirSync(join(root, ".cache/llama"), { recursive: true });
  const bundle = join(peers, "node-llama-cpp/llama/gitRelease.bundle");
  if (!existsSync(source)) execFileSync("git", ["clone", "-q", bundle, source], { stdio: quietly });
  const found = readdirSync(libraries).filter((name) => /^lib(llama|ggml|ggml-base)(\.v.*)?\.so$/.test(name));
  execFileSync("g++", [
    ...["-std=c++17", "-O1", `-I${source}/include`, `-I${source}/ggml/include`],
    ...[join(import.meta.dirname, "llama_taps.cpp"), "-o", program],
    ...found.map((name) => join(libraries, name)),
    `-Wl,-rpath,${libraries}`,
  ]);
  return program;
}

const program = built();
const llama = (...args: string[]) => execFileSync(program, [libraries, ...args], { stdio: quietly });
mkdirSync(out, { recursive: true });

/** As GGUF; of a folder, with rows that are no whole blocks in F16, as all of its weights then are. */
function source(): string {
  if (!statSync(model).isDirectory()) return model;
  const path = join(out, "source.gguf");
  const cli = ["tsx", join(root, "src/cli/main.ts"), "quantize", model, path, "--type", "q8_0", "--quiet"];
  if (!existsSync(path)) execFileSync("npx", cli, { stdio: quietly });
  return path;
}

const ids = readdirSync(prompts)
  .filter((name) => /^ids-\d+\.json$/.test(name))
  .sort()
  .map((name) => JSON.parse(readFileSync(join(prompts, name), "utf8")) as number[]);
writeFileSync(join(out, "ids.txt"), ids.map((prompt) => `${prompt.join(" ")}\n`).join(""));
const runs: object[] = [];
for (const way of types.split(",")) {
  const [type = "", ...flash] = way.split("-");
  const file = join(out, `${type}.gguf`);
  if (!existsSync(file)) llama("quantize", source(), file, type);
  const checkpoint = openCheckpoint(file);
  checkpoint.close();
  const layout = checkpoint.config.biases ? "neox" : "interleaved"; // files of architecture llama have q and k permuted
  const bundles = ids.map((_, prompt) => join(out, `${way}-${prompt}.oracle`));
  const same = type === "F32" && model.endsWith(".gguf"); // written in float32, the weights are what they were
  bundles.forEach((bundle, prompt) =>
    runs.push({
      engine: `llama.cpp ${type}${flash.length > 0 ? ", flash attention" : ""}`,
      prompt,
      model: same ? undefined : file,
      bundle,
    }),
  );
  if (bundles.every((bundle) => existsSync(join(bundle, "manifest.json")))) continue;
  const raw = join(out, "raw");
  llama("run", file, join(out, "ids.txt"), raw, "1", ...flash);
  bundles.forEach((bundle, prompt) => {
    const input = { ids: ids[prompt]! };
    const foreign = readForeign("raw+json", join(raw, `${prompt}`));
    const { taps } = assemble(foreign.tensors, { ...input, path: raw, config: checkpoint.config, layout });
    const head = {
      role: "candidate",
      model: {},
      producer: {},
      engine: "llama.cpp",
      policy: [POLICIES[type]!, ...flash].join("-"),
    } as const;
    rmSync(bundle, { recursive: true, force: true });
    writeBundle(bundle, { ...head, input }, taps);
  });
  rmSync(raw, { recursive: true });
}
writeFileSync(join(out, "runs.json"), JSON.stringify(runs, null, 1));
console.log(runs.length, "runs");
