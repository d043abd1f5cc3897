/** What a shell sees: exit codes, results on stdout and nothing else there, one error on stderr. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { qwq, start } from "../support/cli.ts";

const HELP = "(qwq <command> --help shows examples)";

interface Refused {
  readonly what: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly code: number;
  /** The whole of it. */
  readonly stderr: string;
}

const REFUSED: readonly Refused[] = [
  { what: "an unknown command", args: ["dance"], code: 2, stderr: `error: unknown command 'dance'\n${HELP}\n` },
  {
    what: "an unknown option",
    args: ["tokenize", "--loud", "x"],
    code: 2,
    stderr: `error: unknown option '--loud'\n${HELP}\n`,
  },
  {
    what: "a missing option",
    args: ["oracle", "record", "--prompt", "Hi"],
    code: 2,
    stderr: `error: required option '-o, --output <folder>' not specified\n${HELP}\n`,
  },
  {
    what: "a model that is not there",
    args: ["tokenize", "-m", "no/such/model", "x"],
    code: 66,
    stderr:
      "qwq: no/such/model: expected a model's folder, a .gguf file, or a name like Qwen/QwQ-32B, got nothing. There is no such file; check the path.\n",
  },
  {
    what: "a file that is no model",
    args: ["inspect", "package.json"],
    code: 65,
    stderr:
      "qwq: package.json: expected a model's folder or a GGUF file, got JSON. Give the folder that holds config.json and the weights.\n",
  },
  {
    what: "a missing input file",
    args: ["template", "none.json"],
    code: 66,
    stderr: "qwq: none.json: expected a file that can be opened, got ENOENT. There is no such file; check the path.\n",
  },
  {
    what: "a folder in place of a file",
    args: ["tokenize", "--lines", "src"],
    code: 65,
    stderr: "qwq: src: expected a regular file, got a folder. Give the file itself.\n",
  },
  {
    what: "neither text nor lines",
    args: ["tokenize"],
    code: 2,
    stderr: "qwq: tokenize: expected TEXT or --lines FILE, got neither. See qwq tokenize --help.\n",
  },
  {
    what: "an argument that is not ids",
    args: ["detokenize", "[1,-1]"],
    code: 2,
    stderr:
      'qwq: IDS: expected a JSON array of token ids, such as [1,2,3], got "[1,-1]". Quote it, so that the shell leaves it alone.\n',
  },
  {
    what: "a message that is none",
    args: ["template", "--lines", "-"],
    input: '[{"role":"user","content":"Hi"}]\n[{"role":"dog","content":"Woof"}]\n',
    code: 65,
    stderr:
      'qwq: stdin, line 2: messages[0].role: expected one of system, user, assistant, tool, got "dog". The template of QwQ-32B would leave the message out; give it a role it knows.\n',
  },
  {
    what: "an output that is there",
    args: ["oracle", "record", "--prompt", "Hi", "-o", "golden"],
    code: 73,
    stderr:
      "qwq: golden: expected a name that is free, got one that is taken. Choose another, or remove what is there.\n",
  },
  {
    what: "an output in no folder",
    args: ["oracle", "record", "--prompt", "Hi", "-o", "none/x.oracle"],
    code: 73,
    stderr: "qwq: none/x.oracle: expected a place to write, got ENOENT. Its folder does not exist; make it first.\n",
  },
];

describe("the command line", () => {
  it.concurrent.each(REFUSED)("refuses $what with its exit code and one sentence", async (row) => {
    const ran = await qwq(row.args, { input: row.input ?? "" });
    expect(ran).toEqual({ code: row.code, stdout: ran.stdout, stderr: row.stderr });
  });

  it.concurrent("prints help on stdout and ends with 0", async () => {
    const ran = await qwq(["oracle", "record", "--help"]);
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toMatch(/^Usage: qwq oracle record /);
  });

  it.concurrent("has the version of package.json", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(await qwq(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it.concurrent("ends quietly with 0 when its reader goes away", async () => {
    const input = `${'"a line of text"\n'.repeat(30_000)}`;
    const ran = await qwq(["tokenize", "--lines", "-"], { input, closeAfter: 1 });
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
  });

  it.concurrent("ends with 74 when the reader of --json goes away, who could take a part for the whole", async () => {
    const cut = await qwq(["inspect", "--json", "golden/model/tiny"], { closeAfter: 0 });
    expect([cut.code, cut.stderr]).toEqual([74, ""]);
  });

  it.concurrent("ends with its code where nobody can be told why", async () => {
    const { child, ended } = start(["tokenize"]);
    child.stderr.destroy();
    expect((await ended).code).toBe(2);
  });

  it.concurrent("ends with 74 when the reader of --format json goes away", async () => {
    const cut = await qwq(["oracle", "lint", "--format", "json", "golden/model/tiny"], { closeAfter: 0 });
    expect([cut.code, cut.stderr]).toEqual([74, ""]);
  });

  it.concurrent("shows where an error arose with --verbose only", async () => {
    const ran = await qwq(["tokenize", "--verbose", "-m", "none", "x"]);
    expect(ran.stderr).toMatch(/\n {4}at /);
    expect(ran.code).toBe(66);
  });
});
