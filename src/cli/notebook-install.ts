/** `qwq notebook install`, and the kernel that Jupyter then starts. */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { makeFolder, writeAtomically } from "../files/output.ts";
import { as, field } from "../json/fields.ts";
import type { Json } from "../json/json.ts";
import { KERNEL, METADATA } from "../notebook/ipynb.ts";
import { dataFolder, kernelFolder, kernelSpec } from "../notebook/kernel/install.ts";
import { serveKernel } from "../notebook/kernel/kernel.ts";
import type { Connection } from "../notebook/kernel/sockets.ts";
import { readJsonFile } from "./input.ts";
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
      makeFolder(folder);
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
      const alone = orphaned(); // looked for first: whoever started this may be gone before all is read
      const connection = readConnection(await readJsonFile(path), path);
      await serveKernel(connection, process.cwd(), VERSION, alone);
      process.exit(0);
    });

/**
 * Reads a connection file as Jupyter writes it.
 *
 * throws   FormatError E_JSON_FIELD for what is no such file
 */
function readConnection(json: Json, path: string): Connection {
  const place = { path, hint: "Jupyter writes this file and starts the kernel; see qwq notebook install." };
  const fields = as(json, "object", "", place);
  const port = (name: string) => field(fields, name, "integer", place);
  return {
    ip: field(fields, "ip", "string", place),
    transport: field(fields, "transport", "string", place),
    key: field(fields, "key", "string", place),
    shell_port: port("shell_port"),
    iopub_port: port("iopub_port"),
    stdin_port: port("stdin_port"),
    control_port: port("control_port"),
    hb_port: port("hb_port"),
  };
}

/** Comes when whoever started this process is gone: a kernel whose Jupyter was killed would wait for ever. */
function orphaned(): AbortSignal {
  const controller = new AbortController();
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) controller.abort();
  }, 1000).unref();
  return controller.signal;
}
