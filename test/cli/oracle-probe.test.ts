import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { qwqOnTiny as qwq } from "../support/cli.ts";
import { type Behaviour, engineServer, listen } from "../support/engine-server.ts";
import { temporaryFolder } from "../support/folder.ts";

interface Found {
  readonly verdict: string;
  readonly checks: readonly { readonly code: string; readonly outcome: string; readonly next?: string }[];
}

const folder = mkdtempSync(join(tmpdir(), "qwq-probe-"));
const bundle = join(folder, "b.oracle");
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  expect((await qwq(["oracle", "record", "--prompt", "The tide", "--taps", "logits", "-o", bundle])).code).toBe(0);
});

async function probe(url: string, more: readonly string[] = []): Promise<[code: number | null, found: Found]> {
  const ran = await qwq(["oracle", "probe", url, "--bundle", bundle, "--format", "json", ...more]);
  expect(ran.stderr).toBe("");
  return [ran.code, JSON.parse(ran.stdout) as Found];
}

const PROMPT = "probe-prompt-logprobs";
const told = ({ checks }: Found) => checks.map(({ code, outcome }) => `${outcome} ${code}`);
const ALL = ["probe-tokens", "probe-bos", "probe-template", "probe-logprobs", "probe-repeat", "probe-thoughts"];

describe("qwq oracle probe", () => {
  it("passes a server that does as the reference does, on every check", async () => {
    const [code, found] = await probe(await engineServer());
    expect([code, found.verdict, told(found)]).toEqual([0, "pass", ALL.map((name) => `pass ${name}`)]);
  });

  it.each<[string, Behaviour, number]>([
    ["fail probe-bos", { bos: true }, 1],
    ["fail probe-template", { trims: true }, 1],
    ["fail probe-logprobs", { temperature: 0.2 }, 1],
    ["fail probe-thoughts", { swallows: true }, 1],
    ["warn probe-repeat", { wavers: true }, 0],
  ])("finds %s", async (finding, behaviour, exit) => {
    const [code, found] = await probe(await engineServer(behaviour));
    expect([code, told(found).filter((text) => !text.startsWith("pass"))]).toEqual([exit, [finding]]);
  });

  it("judges the conversations that a server takes, where it refuses others", async () => {
    const [code, { checks }] = await probe(await engineServer({ refuses: true }));
    expect([code, checks.find(({ code }) => code === "probe-template")]).toEqual([
      0,
      {
        code: "probe-template",
        outcome: "pass",
        where: "/apply-template",
        actual: expect.stringMatching(/^\d+ conversations; others were refused$/) as string,
      },
    ]);
  });

  it.each<[string, NonNullable<Behaviour["prompts"]>, number]>([
    ["pass", "right", 0],
    ["fail", "late", 1],
    ["skip", "words", 0],
  ])(
    "%s: of a server that gives vLLM's prompt_logprobs, each position of the prompt",
    async (outcome, prompts, exit) => {
      const [code, found] = await probe(await engineServer({ plain: true, prompts }));
      expect([code, told(found).filter((text) => text.endsWith(PROMPT))]).toEqual([exit, [`${outcome} ${PROMPT}`]]);
    },
  );

  it("judges a server that has OpenAI's routes alone by those", async () => {
    const [code, found] = await probe(await engineServer({ plain: true }));
    expect([code, told(found)]).toEqual([
      0,
      ["skip probe-tokens", "skip probe-template", "pass probe-logprobs", "pass probe-repeat", "pass probe-thoughts"],
    ]);
  });

  it.each<[string, string, Parameters<typeof listen>[0]]>([
    ["status 500", "status 500", (_, response) => response.writeHead(500).end("{}")],
    ["an answer that is no JSON", "no JSON", (_, response) => response.end("<html>Gateway</html>")],
    [
      "JSON of no known form",
      "no known form",
      (_, response) =>
        response.end('{"tokens": "many", "choices": [{"text": 7, "logprobs": {"top_logprobs": [{"a": "x"}]}}]}'),
    ],
    [
      "log-probabilities that are none",
      "no known form",
      (_, response) => response.end('{"completion_probabilities": [{"top_logprobs": [{"id": 1, "logprob": 7}]}]}'),
    ],
    [
      "an answer cut off",
      "",
      (_, response) =>
        void (
          response.writeHead(200, { "content-length": "100" }),
          response.write('{"tokens": [1'),
          setTimeout(() => response.destroy(), 20)
        ),
    ],
    ["no answer in time", "within 1 s", () => undefined],
    [
      "an answer without end",
      "",
      (_, response) => void (response.write("["), setInterval(() => response.write("1,".repeat(1 << 16)), 1).unref()),
    ],
  ])("of a server with %s judges nothing, and ends with 3", async (_, why, handle) => {
    const [code, found] = await probe(await listen(handle), ["--timeout", "1"]);
    expect([code, found.verdict]).toEqual([3, "incomparable"]);
    expect(found.checks.every(({ outcome }) => outcome === "skip")).toBe(true);
    expect(found.checks.some(({ next }) => next!.includes(why))).toBe(true);
  });

  it("refuses what is no address, and a bundle without logits", async () => {
    const ran = await qwq(["oracle", "probe", "localhost"]);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    const bundle = join(temporaryFolder(), "b.oracle");
    await qwq(["oracle", "record", "--prompt", "Hi", "--taps", "embed", "-o", bundle]);
    const other = await qwq(["oracle", "probe", "http://127.0.0.1:9", "--bundle", bundle]);
    expect([other.code, other.stdout]).toEqual([2, ""]);
  });
});
