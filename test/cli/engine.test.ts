/** Engines and systems that lack something, as a shell meets them: a clear error, or a sentence and another way. */
import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { MAIN, qwq, type Ran } from "../support/cli.ts";
import { goldenJson } from "../support/golden.ts";
import type { Recorded } from "../support/models.ts";

const { greedy } = goldenJson<Recorded>("model/tiny.json");
const RUN = ["run", "-m", "golden/model/tiny", "--greedy", "--max-tokens", "32", "--json", "Hello"];

/** A program that runs Node with the command, and what it came to. */
function ran(program: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(program, args);
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (piece: Buffer) => out.push(piece));
  child.stderr.on("data", (piece: Buffer) => err.push(piece));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
  });
}

const idsOf = ({ stdout }: Ran) =>
  (JSON.parse(stdout.trimEnd().split("\n").at(-1)!) as { readonly ids: readonly number[] }).ids;

/** V8 takes 128-bit SIMD from a processor that has SSE 4.1. */
const noSimd = (...args: string[]) => ran(process.execPath, ["--no-enable-sse4-1", MAIN, ...args]);

it.runIf(process.arch === "x64")("without SIMD, --backend auto says so and takes the reference", async () => {
  const found = await noSimd(...RUN);
  expect(found.stderr).toContain("This engine has no WebAssembly SIMD: the reference runs instead, which is slow.\n");
  expect([found.code, idsOf(found)]).toEqual([0, greedy]);
});

it.runIf(process.arch === "x64")("without SIMD, --backend wasm is refused", async () => {
  const { code, stderr } = await noSimd("run", "--backend", "wasm", "Hello");
  expect([code, stderr]).toEqual([
    2,
    "qwq: wasm: expected WebAssembly with 128-bit SIMD, got an engine without it. " +
      "Use --backend reference, or a processor and an engine that have it.\n",
  ]);
});

it("without shared memory there is one thread, however many are asked for", async () => {
  const env = { NODE_OPTIONS: "--import=data:text/javascript,delete%20globalThis.SharedArrayBuffer" };
  const measured = await qwq(["bench", "--prompt", "4", "--generate", "2", "--repeat", "1", "--threads", "4", "--json"], { env }); // prettier-ignore
  expect(JSON.parse(measured.stdout)).toMatchObject({ backend: "wasm", threads: 1 });
  const found = await qwq(RUN, { env });
  expect([found.code, idsOf(found)]).toEqual([0, greedy]);
});

it.runIf(process.platform === "linux")(
  "few addresses leave the kernels less memory, or none, and then it says so",
  async () => {
    const found = await ran("bash", ["-c", 'ulimit -v 8000000; exec "$@"', "-", process.execPath, MAIN, ...RUN]);
    expect(found.stderr).toMatch(
      /^(The system has no memory for the kernels: the reference runs instead.*\n)?Stopped after 32 tokens/,
    );
    expect([found.code, idsOf(found)]).toEqual([0, greedy]);
  },
);

it.each([
  ["0", 'Expected a whole number from 1 to 1024, got "0".'],
  ["1000", "qwq: threads: expected a whole number from 1 to 64, got 1000. Give as many as the machine has cores."],
])("--threads %s is refused", async (threads, message) => {
  const { code, stderr } = await qwq(["run", "--threads", threads, "Hello"]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
