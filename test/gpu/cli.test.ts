/** `qwq run` on a GPU as a shell sees it: what runs, and what is said of a GPU that is not there, too small, full or lost. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { qwq } from "../support/cli.ts";
import { withSoftwareAdapter } from "../support/vulkan.ts";

const TROUBLE = join(import.meta.dirname, "../support/gpu-trouble.mjs");
const ask = (backend: string, ...more: string[]) =>
  ["run", "--greedy", "--max-tokens", "6", "--backend", backend, ...more, "Hello"] as const;

/** The environment of a command that finds the adapter, whose GPU then has that trouble. */
function having(trouble?: string): Record<string, string> {
  const given = Object.fromEntries(
    ["VK_ICD_FILENAMES", "LD_LIBRARY_PATH"].flatMap((name) => {
      const value = withSoftwareAdapter(process.env)[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return trouble === undefined ? given : { ...given, NODE_OPTIONS: `--import=${TROUBLE}`, QWQ_TEST_GPU: trouble };
}

const last = (stderr: string) => stderr.trimEnd().split("\n").at(-1);

describe.each(["gpujs:webgpu", "wgsl"])("--backend %s", (backend) => {
  const name = backend.split(":")[0]!;

  it("writes the reference's tokens, and says on stderr what runs", async () => {
    const reference = await qwq(ask("reference", "--json"));
    const { code, stdout, stderr } = await qwq(ask(backend, "--json"), { env: having() });
    const ids = (text: string) => (JSON.parse(text.trimEnd().split("\n").at(-1)!) as { ids: number[] }).ids;
    expect(code).toBe(0);
    expect(ids(stdout)).toEqual(ids(reference.stdout));
    const report = new RegExp(`^${name} (\\{.*\\})$`, "m").exec(stderr)?.[1];
    expect(JSON.parse(report!)).toMatchObject({
      requested: backend.split(":").at(-1),
      mode: backend.split(":").at(-1),
      adapter: expect.any(String) as string,
      software: expect.any(Boolean) as boolean,
    });
  });

  it("without an adapter: exit 2, and what to install or take", async () => {
    const { code, stdout, stderr } = await qwq(ask(backend), { env: { VK_ICD_FILENAMES: "/none" } });
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(last(stderr)).toBe(
      `qwq: ${name}: expected a WebGPU adapter, got none: the system offers no GPU to WebGPU. ` +
        "Install the GPU's driver (on Linux Vulkan's, with libvulkan1), or take --backend wasm.",
    );
  });

  it("a part of the model larger than a buffer may be: exit 75, the limit named, nothing written", async () => {
    const { code, stdout, stderr } = await qwq(ask(backend), { env: having("small:4096") });
    expect(code).toBe(75);
    expect(stdout).toBe("");
    expect(last(stderr)).toMatch(
      new RegExp(
        `^qwq: ${name}: expected at most 4,096 bytes in a buffer \\(max\\w+\\), got [\\d,]+.*(?: or|--backend) wasm\\.$`,
      ),
    );
  });

  it("a GPU whose memory is full: exit 75, and what to make smaller", async () => {
    const { code, stderr } = await qwq(ask(backend), { env: having("full:3") });
    expect(code).toBe(75);
    expect(last(stderr)).toMatch(
      new RegExp(`^qwq: ${name} on .*: expected memory for the model, got .*\\. Give a smaller --context, .*wasm\\.$`),
    );
  });

  it("a GPU that is lost in the middle of an answer: exit 74, what was written stays, and what to do", async () => {
    const { code, stdout, stderr } = await qwq(ask(backend, "--json"), { env: having("lost:4") });
    expect(code).toBe(74);
    expect(stdout.trimEnd().split("\n")).toHaveLength(3);
    expect(last(stderr)).toMatch(
      new RegExp(
        `^qwq: ${name} on .*: expected the GPU to stay, got its loss \\(.*\\)\\. Run it again; .* take --backend wasm\\.$`,
      ),
    );
  });
});

describe("--backend gpujs", () => {
  it("on a program that plays a GPU, a model larger than the room for weights: exit 75, and how to give more", async () => {
    const { code, stdout, stderr } = await qwq(ask("gpujs:webgpu", "--pin-bytes", "100kB"), { env: having() });
    expect(code).toBe(75);
    expect(stdout).toBe("");
    expect(last(stderr)).toMatch(
      /^qwq: gpujs: expected a model that fits into memory: .*, got no room for [\d,]+ more bytes \(.*\)\. Give --pin-bytes or --memory more, .*\.$/,
    );
  });

  it("weights that are rounded are told of once, with how to keep them; with --quiet and kept, nothing is said", async () => {
    const { stderr } = await qwq(ask("gpujs:webgpu", "--weights", "int8"), { env: having() });
    expect(stderr.match(/rounds/g)).toHaveLength(1);
    expect(stderr).toMatch(
      /^gpujs rounds this model's F32 weights to int8, with a scale for each group\. To keep them, give --weights f32, or take --backend wgsl or wasm\.$/m,
    );
    for (const more of [
      ["--weights", "f32"],
      ["--weights", "int8", "--quiet"],
    ]) {
      expect((await qwq(ask("gpujs:webasm", ...more))).stderr).not.toContain("rounds");
    }
  });
});
