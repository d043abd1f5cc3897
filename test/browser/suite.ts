/** In a worker of a page: the suite of the page's equations, in one mode of gpujs after another. */
import type { GpuJs, Mode } from "../../kernels/gpujs/index.ts";
import { mount } from "../../src/browser/node/fs.ts";
import type { Found } from "../support/suite.ts";

/** What the page asks for. */
export interface Asked {
  readonly modes: readonly Mode[];
  /** Addresses of the golden files, which are also their paths. */
  readonly files: readonly string[];
}

/** What is found in one mode: what ran, and of each claim how far off it is and how far it may be. */
export interface Row {
  readonly report: GpuJs["report"];
  readonly claims: readonly (Found & { readonly name: string; readonly most: number })[];
}

addEventListener("message", ({ data }: MessageEvent<Asked>) => {
  run(data).then(
    (rows) => postMessage({ rows }),
    (error: unknown) => postMessage({ error: error instanceof Error ? error.stack : String(error) }),
  );
});

async function run({ modes, files }: Asked): Promise<Row[]> {
  await Promise.all(files.map(async (path) => mount(path, await (await fetch(path)).blob())));
  const { SUITE } = await import("../support/suite.ts"); // it reads files at once
  const { gpujsBackend } = await import("../../kernels/gpujs/index.ts");
  const rows: Row[] = [];
  for (const mode of modes) {
    const ops = await gpujsBackend({ mode, weights: "f32", threads: 1 });
    const claims = [];
    for (const { name, most, run } of SUITE) claims.push({ name, most, ...(await run(ops)) });
    rows.push({ report: ops.report, claims });
    ops.close();
  }
  return rows;
}
