import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MAIN, qwq } from "../support/cli.ts";

/** Little for the compiler to read. */
const SMALL = JSON.stringify({ compilerOptions: { lib: ["es2023"], types: [], strict: true } });

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "notebooks-"));
  path = join(folder, "01-one.ts");
  writeFileSync(join(folder, "tsconfig.json"), SMALL);
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (value: string) => writeFileSync(path, `// %%\nconst a = ${value};\n\n// %%\na;\n`);

it("builds, checks, and names the cell that is stale", async () => {
  write("1");
  expect(await qwq(["notebook", "build", folder])).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(join(folder, "01-one.ipynb"), "utf8"))).toMatchObject({ nbformat: 4 });
  expect((await qwq(["notebook", "check", path])).code).toBe(0);
  const built = readFileSync(join(folder, "01-one.ipynb"), "utf8");
  writeFileSync(join(folder, "01-one.ipynb"), built.replace('"1"', '"7"'));
  const { code, stdout } = await qwq(["notebook", "check", path]);
  expect(code).toBe(1);
  expect(stdout).toContain(`FAIL ${path}`);
  expect(stdout).toContain(`${path}:5: cell 2: stale output: built "7", now "1"`);
});

it("what fails is named and not written; what is not there is a missing file", async () => {
  write("b");
  const before = readFileSync(join(folder, "01-one.ipynb"), "utf8");
  const { code, stdout } = await qwq(["notebook", "build", path]);
  expect([code, stdout.split("\n")[1]]).toEqual([1, `     ${path}:2: cell 1: ReferenceError: b is not defined`]);
  expect(readFileSync(join(folder, "01-one.ipynb"), "utf8")).toBe(before);
  expect((await qwq(["notebook", "run", join(folder, "none.ts")])).code).toBe(66);
});

it("install brings the kernel to a Python environment, and says where it cannot", async () => {
  const prefix = join(folder, "venv");
  const { code, stdout } = await qwq(["notebook", "install", "--prefix", prefix]);
  expect([code, stdout]).toEqual([0, `${join(prefix, "share/jupyter/kernels/qwq")}\n`]);
  const spec = readFileSync(join(stdout.trim(), "kernel.json"), "utf8");
  expect(JSON.parse(spec)).toMatchObject({ language: "typescript" });
  expect((await qwq(["notebook", "install", "--prefix", join(folder, "tsconfig.json")])).code).toBe(73);
});

it("a folder without a notebook is a missing file too, and a kernel says what is wrong with its connection", async () => {
  const none = await qwq(["notebook", "check", "src/notebook"]);
  expect([none.code, none.stdout]).toEqual([66, ""]);
  expect(none.stderr).toContain("expected a notebook, or a folder of them: 01-tokens.ts, got a folder without one.");
  const kernel = await qwq(["notebook", "kernel", "package.json"]);
  expect([kernel.code, kernel.stderr]).toEqual([65, expect.stringContaining('expected "ip" to be a string')]);
});

it.skipIf(process.platform === "win32")("a kernel does not outlive the Jupyter that started it", async () => {
  const connection = join(folder, "connection.json");
  const ports = { shell_port: 0, iopub_port: 0, stdin_port: 0, control_port: 0, hb_port: 0 }; // any that is free
  writeFileSync(connection, JSON.stringify({ ip: "127.0.0.1", transport: "tcp", key: "secret", ...ports }));
  const script = '"$0" "$1" notebook kernel "$2" & echo $!; sleep 60';
  const jupyter = spawn("sh", ["-c", script, process.execPath, MAIN, connection], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const kernel = Number(await new Promise((resolve) => jupyter.stdout.once("data", resolve)));
  const lives = () => {
    try {
      return process.kill(kernel, 0);
    } catch {
      return false;
    }
  };
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  await wait(3000);
  expect(lives(), "while its parent does").toBe(true);
  jupyter.kill("SIGKILL");
  for (let i = 0; i < 100 && lives(); i++) await wait(100);
  expect(lives(), "after it").toBe(false);
});
