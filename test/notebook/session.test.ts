/** What a cell may do, and that nothing that goes wrong in one passes for success. */
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Output } from "../../src/notebook/messages.ts";
import { Session } from "../../src/notebook/session.ts";

const PATH = join(import.meta.dirname, "here.ts");
const open: Session[] = [];

function session(limit = 20_000): Session {
  const made = new Session(PATH, { limit });
  open.push(made);
  return made;
}

const said = (outputs: readonly Output[]) =>
  outputs.map((output) => {
    if (output.type === "stream") return `${output.name}: ${output.text}`;
    return output.type === "error" ? output.fault.name : `${output.type}: ${output.data["text/plain"]}`;
  });

afterAll(() => Promise.all(open.splice(0).map((one) => one.kill())));

it("a cell prints, awaits, imports, declares anew and shows its last value", async () => {
  const one = session();
  await one.run("import { join as j } from 'node:path';\nconst a: number = 1;", 0);
  const { outputs, fault } = await one.run(
    "const a = await Promise.resolve(2);\nconsole.log(j('x', 'y'));\nconsole.error(a);\nlet b = a as number;\n({ b });",
    1,
  );
  expect(fault).toBeUndefined();
  expect(said(outputs)).toEqual(["stdout: x/y\n", "stderr: 2\n", "result: { b: 2 }"]);
  const burst = await one.run("for (let i = 0; i < 2000; i++) console.log(i);", 2);
  expect(said(burst.outputs).join("").match(/\d+\n/g)).toHaveLength(2000);
  expect(await one.end()).toBeUndefined();
});

describe("fails, and says where:", () => {
  it.concurrent("a throw", async () => {
    const one = session();
    await one.run("const f = () => {\n  throw new RangeError('no');\n};", 0);
    const { fault } = await one.run("1;\nf();", 1);
    expect(fault).toEqual({
      name: "RangeError",
      message: "no",
      places: [
        { cell: 0, line: 2 },
        { cell: 1, line: 2 },
      ],
    });
  });

  it.concurrent("an awaited rejection, and one that nobody awaits", async () => {
    const one = session();
    expect((await one.run("await Promise.reject(new Error('awaited'));", 0)).fault?.message).toBe("awaited");
    expect((await one.run("void Promise.reject(new Error('alone'));", 1)).fault?.message).toBe("alone");
  });

  it.concurrent("an error in a timer, after the last cell too", async () => {
    const one = session();
    await one.run("setTimeout(() => {\n  throw new Error('later');\n}, 50);", 0);
    expect(await one.end()).toMatchObject({ message: "later", places: [{ cell: 0, line: 2 }] });
  });

  it.concurrent("an endless loop, after which the session goes on", async () => {
    const one = session(1500);
    await one.run("const kept = 7;", 0);
    expect((await one.run("for (;;) {}", 1)).fault).toMatchObject({ name: "Timeout", places: [{ cell: 1, line: 1 }] });
    expect(said((await one.run("kept;", 2)).outputs)).toEqual(["result: 7"]);
  });

  it.concurrent("a promise that never comes, and a server left open", async () => {
    const [one, two] = [session(700), session(2000)];
    expect((await one.run("await new Promise(() => {});", 1)).fault?.name).toBe("Timeout");
    await two.run("import { createServer } from 'node:net';\ncreateServer().listen(0);", 2);
    expect((await two.end())?.message).toMatch(/still running/);
  });

  it.concurrent("process.exit, with 0 as well, in a cell and in a timer", async () => {
    const [one, two] = [session(), session()];
    expect((await one.run("process.exit(0);", 3)).fault).toMatchObject({
      name: "Exit",
      places: [{ cell: 3, line: 1 }],
    });
    await two.run("setTimeout(() => process.exit(0), 30);", 0);
    expect(await two.end()).toMatchObject({ name: "Exit" });
  });

  it.concurrent("a syntax error, inside a type too", async () => {
    const one = session();
    const { fault } = await one.run("const a = 1;\nconst b = ;", 0);
    expect(fault).toEqual({ name: "SyntaxError", message: "Expression expected.", places: [{ cell: 0, line: 2 }] });
    expect((await one.run("let c: {{ = 1;", 1)).fault?.name).toBe("SyntaxError");
    expect((await one.run("enum E { A }", 2)).fault?.message).toMatch(/no enum/);
  });
});

it("an interrupt ends a cell that computes, and one that waits", async () => {
  const one = session();
  await one.run("1;", 0);
  for (const code of ["for (;;) {}", "await new Promise(() => {});"]) {
    const running = one.run(code, 1);
    setTimeout(() => one.interrupt(), 100);
    expect((await running).fault?.name).toBe("Interrupted");
  }
});
