/** Tells Jupyter of the kernel: a folder with kernel.json where Jupyter looks for kernels. */
import { homedir } from "node:os";
import { join } from "node:path";

/** Where the user's kernels lie, as Jupyter's own paths.py has it. */
export function dataFolder(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env["JUPYTER_DATA_DIR"]) return env["JUPYTER_DATA_DIR"];
  if (platform === "darwin") return join(homedir(), "Library", "Jupyter");
  if (platform === "win32") return join(env["APPDATA"] ?? homedir(), "jupyter");
  return join(env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "jupyter");
}

/** What Jupyter is told: to start `command` with the name of a connection file behind it. */
export function kernelSpec(command: readonly string[], name: string): string {
  const spec = {
    argv: [...command, "{connection_file}"],
    display_name: name,
    language: "typescript",
    interrupt_mode: "message",
    metadata: { debugger: false },
  };
  return `${JSON.stringify(spec, null, 2)}\n`;
}

/** The folder of a kernel within a data folder. */
export function kernelFolder(data: string, name: string): string {
  return join(data, "kernels", name);
}
