/** The machine of a measurement, and the disk that a folder lies on. */
import { readFileSync, statfsSync } from "node:fs";
import { cpus, totalmem } from "node:os";

export interface Machine {
  readonly processor: string | undefined;
  readonly cores: number;
  readonly memory: number;
  readonly disk: { readonly device: string; readonly filesystem: string; readonly bytes: number };
  readonly node: string;
}

export function machine(folder: string): Machine {
  const mounts = readFileSync("/proc/mounts", "utf8").trim().split("\n");
  const [device = "", , filesystem = ""] = mounts
    .map((line) => line.split(" "))
    .filter(([, at]) => at === "/" || `${folder}/`.startsWith(`${at!}/`))
    .reduce((a, b) => (b[1]!.length >= a[1]!.length ? b : a));
  const { blocks, bsize } = statfsSync(folder);
  return {
    processor: cpus()[0]?.model,
    cores: cpus().length,
    memory: totalmem(),
    disk: { device, filesystem, bytes: blocks * bsize },
    node: process.version,
  };
}
