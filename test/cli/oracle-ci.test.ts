/** What docs/oracle-ci.md says of engines in JavaScript, Rust and C++, as it stands there. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

const guide = (language: string) =>
  new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readFileSync("docs/oracle-ci.md", "utf8"))![1]!;
const lacks = (compiler: string) => spawnSync(compiler, ["--version"]).status !== 0;

/** Imports what lies in the folder "dump", and gives its engine and the values of 0.qr and 0.out. */
async function imported(folder: string, ...more: string[]) {
  const out = join(folder, "c.oracle");
  const ran = await qwq(["oracle", "import", "raw+json", join(folder, "dump"), "-o", out, "--quiet", ...more]);
  expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
  const bundle = openBundle(out);
  const values = [...bundle.read("0.qr")!.data, ...bundle.read("0.out")!.data];
  bundle.close();
  return { engine: bundle.manifest.engine, ids: bundle.manifest.input.ids, values };
}

it("the JavaScript guide writes what import reads", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "dump.mjs"), guide("js"));
  const use = `import { dump, finish } from "./dump.mjs";
dump("0.qr", Float32Array.of(1, 2, 3, 4), [2, 2]); dump("model.layers.0:out", Float32Array.of(5, 6), [2, 1]); finish([7, 8]);`;
  execFileSync(process.execPath, ["--input-type=module", "-e", use], { cwd: folder });
  expect(await imported(folder)).toEqual({ engine: "mine", ids: [7, 8], values: [1, 2, 3, 4, 5, 6] });
});

it.skipIf(lacks("rustc"))("the Rust guide compiles, and writes what import reads", async () => {
  const folder = temporaryFolder();
  const [code, end] = guide("rust").split("// in the end: ");
  const main = `fn main() -> std::io::Result<()> {
    std::fs::create_dir_all("dump")?;
    let (mut list, ids) = (Vec::new(), [7u32, 8]);
    dump(&mut list, "0.qr", &[1.0, 2.0, 3.0, 4.0], &[2, 2])?;
    dump(&mut list, "model.layers.0:out", &[5.0, 6.0], &[2, 1])?;
    ${end!.trim()}
}`;
  writeFileSync(join(folder, "main.rs"), code + main);
  execFileSync("rustc", ["--edition", "2021", "main.rs"], { cwd: folder });
  execFileSync(join(folder, "main"), { cwd: folder });
  expect(await imported(folder)).toMatchObject({ ids: [7, 8], values: [1, 2, 3, 4, 5, 6] });
});

/** What the guide asks of ggml: test/hf/oracle/llama_taps.cpp asks it of the library itself. */
const GGML = `
struct ggml_tensor { const char *name; long long ne[4]; const char *op; std::vector<float> data; };
static size_t ggml_nbytes(const ggml_tensor *t) { return t->data.size() * 4; }
static const char *ggml_op_name(const char *op) { return op; }
static void ggml_backend_tensor_get(const ggml_tensor *t, void *to, size_t at, size_t size) {
  std::memcpy(to, (const char *) t->data.data() + at, size);
}`;

it.skipIf(lacks("g++"))("the C++ guide compiles, and writes what import reads", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "dump"));
  writeFileSync(
    join(folder, "main.cpp"),
    `#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>
${GGML}
static int n = 0;
static std::ostringstream list;
static void callback(ggml_tensor *t) {
${guide("cpp")}
}
int main() {
  ggml_tensor q{"Qcur-0", {2, 1, 2, 1}, "ROPE", {1, 2, 3, 4}}, out{"l_out-0", {1, 2, 1, 1}, "ADD", {5, 6}};
  callback(&q);
  callback(&out);
  std::ofstream("dump/tensors.json") << "{\\"engine\\":\\"llama.cpp\\",\\"tensors\\":[" << list.str() << "]}";
}`,
  );
  execFileSync("g++", ["-std=c++17", "-o", "main", "main.cpp"], { cwd: folder });
  execFileSync(join(folder, "main"), { cwd: folder });
  writeFileSync(join(folder, "ids.json"), "[7, 8]");
  const told = await imported(folder, "--ids", join(folder, "ids.json"));
  expect(told).toEqual({ engine: "llama.cpp", ids: [7, 8], values: [1, 2, 3, 4, 5, 6] });
});
