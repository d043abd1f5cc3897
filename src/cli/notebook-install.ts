/** `qwq notebook install`, and the kernel that Jupyter then starts. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { writeAtomically } from "../files/output.ts";
import { KERNEL, METADATA } from "../notebook/ipynb.ts";
import { dataFolder, kernelFolder, kernelSpec } from "../notebook/kernel/install.ts";
import { serveKernel } from "../notebook/kernel/kernel.ts";
import type { Connection } from "../notebook/kernel/sockets.ts";
import { print } from "./terminal.ts";
import { VERSION } from "./version.ts";

const HELP = `
Jupyter then offers "${METADATA.kernelspec.display_name}" for notebooks. The kernel runs this very
installation of qwq with this Node; install again after moving either.

Examples:
  qwq notebook install
  qwq notebook install --prefix .venv`;

export const install = (): Command =>
  new Command("install")
    .description("brings the kernel to Jupyter")
    .option("--prefix <folder>", "a Python environment, such as .venv (default: the user's own Jupyter)")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", HELP)
    .action(({ prefix }: { prefix?: string }) => {
      const main = fileURLToPath(new URL("./main.js", import.meta.url));
      const data = prefix === undefined ? dataFolder() : join(resolve(prefix), "share", "jupyter");
      const folder = kernelFolder(data, KERNEL);
      const spec = kernelSpec([process.execPath, main, "notebook", "kernel"], METADATA.kernelspec.display_name);
      writeAtomically(join(folder, "kernel.json"), (write) => write(new TextEncoder().encode(spec)));
      print(`${folder}\n`);
    });

export const kernel = (): Command =>
  new Command("kernel")
    .description("what Jupyter starts: serves one notebook")
    .argument("<connection>", "the connection file that Jupyter wrote")
    .option("--verbose", "show where an error arose")
    .addHelpText("after", "\nExample:\n  qwq notebook kernel connection.json")
    .action(async (path: string) => {
      // Jupyter tells of an interrupt by message; what the terminal sends to its whole group must not end the kernel.
      process.on("SIGINT", () => undefined);
      const connection = JSON.parse(readFileSync(path, "utf8")) as Connection;
      await serveKernel(connection, process.cwd(), VERSION, orphaned());
      process.exit(0);
    });

/** Comes when whoever started this process is gone: a kernel whose Jupyter was killed would wait for ever. */
function orphaned(): AbortSignal {
  const controller = new AbortController();
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) controller.abort();
  }, 1000).unref();
  return controller.signal;
}
