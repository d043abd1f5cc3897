/**
 * Single kernels against what the machine itself can do, measured in the same run, into results/kernels.json:
 *
 *   npm run bench:kernels -- [--rounds 3] [--nodes NODE,NODE] [--through COMMAND] [--out FILE]
 *
 * In each round and for each Node: plain reading of memory, natively and by wasm's loads, and the instructions' ceilings, by one thread and by two, then
 * every kernel by one thread and by two (kernels/speeds.ts, kernels/one.ts), each in a process of its own. Without --nodes:
 * this Node, and the newer one that peers/install.ts fetches. --through is a command that each process is started by.
 */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { format } from "prettier";
import type { Ceilings } from "./kernels/ceilings.ts";
import type { OneSpeed } from "./kernels/one.ts";
import type { Speeds } from "./kernels/speeds.ts";
import { type Kernels, kernelsTable } from "./kernels/table.ts";
import { NODE24, root } from "./peers/places.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    nodes: { type: "string", default: [process.execPath, NODE24].filter(existsSync).join(",") },
    through: { type: "string", default: "" },
    out: { type: "string", default: join(root, "kernels/bench/results/kernels.json") },
  },
});
const through = values.through.split(" ").filter((word) => word !== "");

/** What a script of this folder prints for so many threads. */
function said<T>(node: string, script: string, threads: number): T {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const [program = "", ...args] = [...through, node, tsx, join(import.meta.dirname, script), `${threads}`];
  return JSON.parse(execFileSync(program, args, { encoding: "utf8", maxBuffer: 1 << 26 })) as T;
}

const rounds: Kernels["rounds"][number][] = [];
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const node of values.nodes.split(",")) {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    const sides = [1, 2].map((threads) => ({
      threads,
      bytesPerSecond: said<{ bytesPerSecond: number }>(node, "peers/bandwidth.ts", threads).bytesPerSecond,
      loadsPerSecond: said<{ bytesPerSecond: number }>(node, "kernels/reading.ts", threads).bytesPerSecond,
      ceilings: said<Ceilings>(node, "kernels/ceilings.ts", threads),
      speeds: said<Speeds>(node, "kernels/speeds.ts", threads),
      ones: said<readonly OneSpeed[]>(node, "kernels/one.ts", threads),
    }));
    rounds.push({ node: version, sides });
    console.error(`round ${round}: Node ${version}: done`);
  }
}
const result: Kernels = { machine: { processor: cpus()[0]?.model ?? "unknown", cores: cpus().length }, rounds };
writeFileSync(values.out, await format(JSON.stringify(result), { parser: "json" }));
console.log(kernelsTable(result));
