/**
 * Builds llama.cpp's server into .cache/peers/llama-server (ignored by git), for whoever asks it over HTTP:
 *
 *   npx tsx kernels/bench/peers/llama-server.ts
 *   .cache/peers/llama-server/llama-server -m MODEL.gguf --port 8081
 *
 * No registry has it as a program for Linux. node-llama-cpp brings llama.cpp's sources and its libraries, already compiled;
 * what is missing is the server itself, some minutes of cmake and a C++ compiler. What is there is left alone.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { LLAMA_LIBRARIES, LLAMA_SERVER, LLAMA_SOURCES, PEERS, root } from "./places.ts";

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
}

const folder = join(PEERS, "llama-server");
run(process.execPath, join(root, "node_modules/tsx/dist/cli.mjs"), "golden/install.ts", "llama-cpp");
if (!existsSync(LLAMA_SOURCES)) {
  run("git", "clone", "--quiet", join(PEERS, "node_modules/node-llama-cpp/llama/gitRelease.bundle"), LLAMA_SOURCES);
}
if (!existsSync(LLAMA_SERVER)) {
  mkdirSync(folder, { recursive: true });
  const given = [`-DSOURCES=${LLAMA_SOURCES}`, `-DLIBRARIES=${LLAMA_LIBRARIES}`];
  run("cmake", "-S", join(import.meta.dirname, "server"), "-B", folder, "-DCMAKE_BUILD_TYPE=MinSizeRel", ...given);
  run("cmake", "--build", folder);
}
for (const name of readdirSync(LLAMA_LIBRARIES).filter((name) => name.endsWith(".so"))) {
  // It looks for its libraries beside itself.
  if (!existsSync(join(folder, name))) symlinkSync(join(relative(folder, LLAMA_LIBRARIES), name), join(folder, name));
}
console.log(LLAMA_SERVER);
