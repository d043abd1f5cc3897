/** `qwq run` as a shell sees it: on the embedded model, on the tiny one whose tokens are known, on broken ones, and interrupted. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cpSync } from "node:fs";
import { temporaryFolder } from "../support/checkpoints.ts";
import { MAIN, qwq as qwqItself, qwqOnTiny as qwq, TINY } from "../support/cli.ts";
import { goldenJson } from "../support/golden.ts";
import type { Recorded } from "../support/models.ts";

const tiny = goldenJson<Recorded & { prompt: string }>("model/tiny.json");

/** A copy of the tiny model with one file changed. */
function changed(file: string, change: (bytes: Buffer) => Uint8Array | string): string {
  const folder = join(temporaryFolder(), "model");
  cpSync(TINY, folder, { recursive: true });
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file))));
  return folder;
}

/** The lines of `run --json`. */
const lines = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("run", () => {
  it("answers from the embedded model at once, thinking aloud and right, and says on stderr what it knows", async () => {
    const { code, stdout, stderr } = await qwqItself(["run", "--seed", "1", "What is 347 + 586?"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/13.*\n.*13.*\n.*9\n[^]*933[^]*\n\n.*933/);
    expect(stderr).toBe(
      "This is the embedded model: 1.2 million parameters, which know sums to 999 (What is 347 + 586?) and nothing else.\n" +
        "Another: qwq run -m MODEL ...\n",
    );
  });

  it("--greedy --json gives Hugging Face's 32 tokens, one object each, then the end", async () => {
    const { code, stdout } = await qwq(["run", "--json", "--greedy", "--max-tokens", "32", "Hello"]);
    const all = lines(stdout);
    const end = all.at(-1)!;
    expect(code).toBe(0);
    expect(all.slice(0, -1).map(({ type, id }) => [type, id])).toEqual(tiny.greedy.map((id) => ["token", id]));
    expect(all.slice(0, -1).every(({ logprob }) => typeof logprob === "number" && logprob <= 0)).toBe(true);
    expect(end).toMatchObject({ type: "end", ids: tiny.greedy, reason: "length", answer: "" });
    expect(
      all
        .slice(0, -1)
        .map(({ text }) => text)
        .join(""),
    ).toBe(end["text"]);
    expect(end["thinking"]).toBe((end["text"] as string).trimStart());
    expect(Object.keys(end["timings"] as object)).toEqual(["promptTokens", "promptSeconds", "tokens", "seconds"]);
  });

  it("--think-tokens ends the thoughts, and says which tokens it put there", async () => {
    const { code, stdout } = await qwq([
      "run",
      "--json",
      "--greedy",
      "--max-tokens",
      "12",
      "--think-tokens",
      "4",
      "Hello",
    ]);
    const all = lines(stdout);
    const [tokens, end] = [all.slice(0, -1), all.at(-1)!];
    expect(code).toBe(0);
    expect(tokens.slice(0, 4).map(({ id }) => id)).toEqual(tiny.greedy.slice(0, 4));
    const forced = tokens.filter(({ forced }) => forced === true);
    expect(forced.map(({ text }) => text).join("")).toBe("\n</think>\n\n");
    expect(tokens.indexOf(forced[0]!)).toBe(4);
    expect(end).toMatchObject({ type: "end", reason: "length" });
    expect(end["answer"]).not.toBe("");
  });

  it("gives the same reply for the prompt as text, as ids, as messages, raw, and from stdin", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "ids.json"), JSON.stringify(tiny.ids));
    writeFileSync(join(folder, "messages.json"), JSON.stringify({ messages: [{ role: "user", content: "Hello" }] }));
    const ways = [
      ["Hello"],
      ["--ids", join(folder, "ids.json")],
      ["--messages", join(folder, "messages.json")],
      ["--raw", tiny.prompt],
      ["-"],
    ];
    const replies = await Promise.all(
      ways.map((way) => qwq(["run", "--json", "--greedy", "--max-tokens", "8", ...way], { input: "Hello\n" })),
    );
    for (const { code, stdout } of replies) {
      expect(code).toBe(0);
      expect(lines(stdout).at(-1)!["ids"]).toEqual(tiny.greedy.slice(0, 8));
    }
  });

  it("the same seed gives the same reply; --system changes it; no colour and no bar where there is no terminal", async () => {
    const args = ["run", "--quiet", "--max-tokens", "12", "Hello"];
    const [a, b, c] = await Promise.all([
      qwq([...args, "--seed", "7"]),
      qwq([...args, "--seed", "7"], { env: { CI: "true", FORCE_COLOR: "1" } }),
      qwq([...args, "--seed", "7", "--system", "Be brief."]),
    ]);
    expect(a.stdout).toBe(b.stdout);
    expect(a.stdout).not.toBe(c.stdout);
    for (const { stdout, stderr } of [a, b, c]) {
      expect(stdout).not.toContain("\u001b");
      expect(stderr).toBe("");
    }
  });
});

type Refused = readonly [claim: string, args: readonly string[], code: number, stderr: string | RegExp, input?: string];

const REFUSED: readonly Refused[] = [
  [
    "no prompt",
    ["run"],
    2,
    'qwq: run: expected one of PROMPT, --ids and --messages, got none. For example: qwq run "Hello"',
  ],
  ["an empty stdin", ["run", "-"], 2, "qwq: prompt: expected text, got none. Say something."],
  [
    "a system message that ids make void",
    ["run", "--ids", "ids.json", "--system", "x"],
    2,
    "qwq: --system: expected a prompt that the chat template makes, got --ids, which goes past the template. Leave out one of the two.",
  ],
  ["messages that --raw makes void", ["run", "--raw", "--messages", "m.json"], 2, "qwq: --messages: expected a prompt"],
  ["a temperature that is none", ["run", "--temperature", "hot", "x"], 2, 'Expected a number, got "hot".'],
  [
    "a temperature below 0",
    ["run", "--temperature", "-1", "x"],
    2,
    "qwq: temperature: expected a number from 0, got -1. 0 is greedy.",
  ],
  [
    "top-p above 1",
    ["run", "--top-p", "1.5", "x"],
    2,
    "qwq: top-p: expected a number above 0, up to 1, got 1.5. 1 turns it off.",
  ],
  ["no tokens", ["run", "--max-tokens", "0", "x"], 2, 'Expected a whole number of at least 1, got "0".'],
  [
    "fewer thoughts than none",
    ["run", "--think-tokens", "-1", "x"],
    2,
    'Expected a whole number of at least 0, got "-1".',
  ],
  [
    "no number of thoughts",
    ["run", "--think-tokens", "few", "x"],
    2,
    'Expected a whole number of at least 0, got "few".',
  ],
  ["no threads", ["run", "--threads", "0", "x"], 2, 'Expected a whole number from 1 to 1024, got "0".'],
  ["a seed below 0", ["run", "--seed", "-1", "x"], 2, 'Expected a whole number from 0 to 2^64 - 1, got "-1".'],
  [
    "an unknown backend",
    ["run", "--backend", "abacus", "x"],
    2,
    'qwq: --backend: expected one of auto, reference, wasm, wgsl, gpujs, got "abacus".',
  ],
  [
    "a prompt longer than the context",
    ["run", "--context", "8", "x"],
    2,
    "qwq: generate: expected at most 8 tokens, got 11 of the prompt and up to 1 new ones. Shorten the prompt, lower --max-tokens or raise --context.",
  ],
  [
    "a promise of memory that cannot be kept",
    ["run", "--memory", "100MB", "x"],
    75,
    "qwq: --memory: expected at least 280MB for 512 tokens (program 250MB, windows 25MB, vectors 1MB, cache 1MB, activations 1MB, kernels 5MB), got 100MB. Give --memory 280MB or more.",
  ],
  [
    "a context that does not fit",
    ["run", "--memory", "280MB", "--context", "40960", "x"],
    75,
    /at least 299MB for 40960 tokens .*, got 280MB\. Give --context \d+ or less\./,
  ],
  [
    "pinned weights that do not fit",
    ["run", "--memory", "1GB", "--pin-bytes", "1GB", "x"],
    75,
    /windows 25MB, .*, pinned weights 1000MB\), got 1000MB/,
  ],
  [
    "ids past the vocabulary",
    ["run", "--ids", "-"],
    2,
    "qwq: stdin: ids[1]: expected an id from 0 to 543, got 544.",
    "[1, 544]",
  ],
  ["ids that are no array", ["run", "--ids", "-"], 65, "qwq: stdin", '{"ids": []}'],
  ["ids that are no integers", ["run", "--ids", "-"], 65, "qwq: stdin", "[1.5]"],
  ["no ids", ["run", "--ids", "-"], 2, "qwq: prompt: expected at least one token, got none.", "[]"],
  ["messages that are none", ["run", "--messages", "-"], 65, "messages", '{"messages": []}'],
];

describe("run refuses, with the code and one message", () => {
  it.each(REFUSED.map((refused) => ({ claim: refused[0], refused })))(
    "$claim",
    async ({ refused: [, args, code, stderr, input] }) => {
      const ran = await qwq(args, { input: input ?? "" });
      expect(ran.stderr).toMatch(stderr);
      expect(ran.stderr.split("\n").filter((line) => line.startsWith("    at "))).toEqual([]);
      expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: "" });
    },
  );

  it("a truncated checkpoint, before anything runs", async () => {
    const model = changed("model.safetensors", (bytes) => bytes.subarray(0, bytes.length - 1000));
    const { code, stdout, stderr } = await qwq(["run", "-m", model, "Hello"]);
    expect(stderr).toMatch(
      /model\.safetensors: expected 427528 bytes, got 426528, 99 % of them\. The download is incomplete/,
    );
    expect([code, stdout]).toEqual([65, ""]);
  });

  it("NaN among the weights: the layer, the activation, the position, and what to do", async () => {
    const model = changed("model.safetensors", (bytes) => {
      const header = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE(0)))) as Record<
        string,
        { data_offsets: number[] }
      >;
      const at =
        8 + Number(bytes.readBigUInt64LE(0)) + header["model.layers.1.self_attn.k_proj.weight"]!.data_offsets[0]!;
      bytes.writeUInt16LE(0x7fc0, at); // NaN in bfloat16
      return bytes;
    });
    const { code, stdout, stderr } = await qwq(["run", "--quiet", "-m", model, "Hello"]);
    expect(stderr).toMatch(
      /expected finite activations, got NaN at position 0, column 0 \(1\.k\)\. .*qwq inspect --weights/,
    );
    expect([code, stdout]).toEqual([65, ""]);
  });

  it("a chat template that fails", async () => {
    const model = changed("tokenizer_config.json", (bytes) =>
      JSON.stringify({
        ...(JSON.parse(bytes.toString()) as object),
        chat_template: "{{ raise_exception('no such turn') }}",
      }),
    );
    const { code, stderr } = await qwq(["run", "--quiet", "-m", model, "Hello"]);
    expect(stderr).toContain("no such turn");
    expect(code).toBe(65);
  });

  it("a chat template that never ends, within seconds", async () => {
    const model = changed("tokenizer_config.json", (bytes) =>
      JSON.stringify({
        ...(JSON.parse(bytes.toString()) as object),
        chat_template: "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
      }),
    );
    const { code, stderr } = await qwq(["run", "--quiet", "-m", model, "Hello"]);
    expect(stderr).toMatch(/chat template/);
    expect(code).toBe(75);
  });
});

describe("--memory", () => {
  it("is planned, printed with --verbose, and changes no token", async () => {
    const args = ["run", "--seed", "1", "--max-tokens", "5", "--json", "x"];
    const [within, free] = await Promise.all([qwq([...args, "--memory", "300MB", "--verbose"]), qwq(args)]);
    const ids = ({ stdout }: typeof free) => (JSON.parse(stdout.trim().split("\n").at(-1)!) as { ids: number[] }).ids;
    expect(within.code).toBe(0);
    expect(ids(within)).toEqual(ids(free));
    expect(within.stderr).toMatch(
      /Memory for 40,960 tokens: 298\.4 MB of 300\.0 MB:\n {2}program 250\.0 MB, windows .*,\n {2}kernels 4\.\d MB, cache .* \(f32\)/,
    );
  });

  it("shortens a context that nobody asked for, and says so", async () => {
    const { code, stderr } = await qwq(["run", "--memory", "285MB", "--max-tokens", "1", "x"]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/Room for [\d,]+ of its 40,960 tokens: what --memory holds\./),
    ]);
  });
});

it("a context past what the model was made for is said to be so, once it is asked for", async () => {
  const { code, stderr } = await qwq(["run", "--context", "50000", "--max-tokens", "1", "x"]);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/A context of 50,000 tokens is more than the 40,960/)]);
});

describe("run ends well", () => {
  it("when its output pipe is closed: quietly for text, as an I/O error for JSON", async () => {
    const long = ["--max-tokens", "4000", "--on-loop", "ignore", "Hello"];
    const text = await qwq(["run", "--quiet", ...long], { closeAfter: 1 });
    expect([text.code, text.stderr]).toEqual([0, ""]);
    const json = await qwq(["run", "--quiet", "--json", ...long], { closeAfter: 1 });
    expect([json.code, json.stderr]).toEqual([74, ""]);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("on %s: what was generated is printed whole, with the end, and exit %i", async (signal, expected) => {
    const child = spawn(process.execPath, [
      MAIN,
      "run",
      "-m",
      TINY,
      "--json",
      "--quiet",
      "--max-tokens",
      "30000",
      "--on-loop",
      "ignore",
      "Hello",
    ]);
    let stdout = "";
    child.stdout.on("data", (piece: Buffer) => {
      if (stdout === "") child.kill(signal);
      stdout += piece.toString();
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    const all = lines(stdout);
    expect(code).toBe(expected);
    expect(all.at(-1)).toMatchObject({ type: "end", reason: "interrupted", ids: all.slice(0, -1).map(({ id }) => id) });
  });
});

describe("a model without a tokenizer", () => {
  const { ids, greedy } = goldenJson<{ ids: number[]; greedy: number[] }>("model/tied.json");
  const args = ["run", "-m", "golden/model/tied", "--ids", "-", "--greedy", "--max-tokens", String(greedy.length)];
  const input = JSON.stringify(ids);

  it.concurrent("answers --ids with ids: as an array, or with --json one a line", async () => {
    const ran = await qwq([...args, "--quiet"], { input });
    expect(ran).toEqual({ code: 0, stdout: `${JSON.stringify(greedy)}\n`, stderr: "" });
    const lines = (await qwq([...args, "--json"], { input })).stdout.trimEnd().split("\n");
    const all = lines.map((line) => JSON.parse(line) as { id?: number; ids?: number[]; text: string });
    expect(all.slice(0, -1).map(({ id }) => id)).toEqual(greedy);
    expect(all.at(-1)).toMatchObject({ type: "end", ids: greedy, text: "" });
  });

  it.concurrent("refuses text with 65", async () => {
    const ran = await qwq(["run", "-m", "golden/model/tied", "--raw", "Hello"]);
    expect(ran).toEqual({
      code: 65,
      stdout: "",
      stderr:
        "qwq: golden/model/tied: expected tokenizer.json, or vocab.json with merges.txt, got neither. Put the model's tokenizer beside its weights.\n",
    });
  });
});
