import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { costPicture, readCost } from "../kernels/bench/cost-picture.ts";
import { PAGE, readFull, withFull } from "../kernels/bench/full.ts";
import { QUANTISATION, readQuantisation, withQuantisation } from "../kernels/bench/quantisation-table.ts";
import { GPU_PAGE, readGpuJs, withGpuJs } from "../kernels/bench/gpujs-tables.ts";
import { readGpuLinear, withGpuLinear } from "../kernels/bench/gpu-table.ts";
import { KERNELS, readKernels, withKernels } from "../kernels/bench/kernels-table.ts";
import { readMemory, streamingPicture } from "../kernels/bench/pictures.ts";
import {
  MEMORY,
  readCore,
  readFilled,
  readKv,
  readPeers,
  readStreaming,
  STREAMING,
  withKv,
  withNumbers,
  withStreaming,
} from "../kernels/bench/tables.ts";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

it("the numbers in README and docs/memory.md are those of the committed results", () => {
  expect(readme).toBe(withNumbers(readme, readCore(), readPeers()));
  const memory = readFileSync(MEMORY, "utf8");
  expect(memory).toBe(withKv(memory, readKv()));
});

it("the numbers in docs/full-32b.md are those of the committed results", () => {
  const page = readFileSync(PAGE, "utf8");
  expect(page).toBe(withFull(page, readFull()));
});

it("the numbers in docs/kernels.md are those of the committed results", () => {
  const page = readFileSync(KERNELS, "utf8");
  expect(page).toBe(withKernels(page, readKernels()));
  expect(page).toContain("| llama.cpp | 0.5B, Q8_0 |");
});

it("the numbers in docs/gpu.md are those of the committed results", () => {
  const page = readFileSync(GPU_PAGE, "utf8");
  expect(page).toBe(withGpuJs(page, readGpuJs()));
  expect(page).toContain("| a layer of QwQ-32B |");
  expect(page).toBe(withGpuLinear(page, readGpuLinear()));
  expect(page).toContain("| gpu.js, 3 bytes a float |");
});

it("the numbers in docs/quantisation.md are those of the committed results", () => {
  const page = readFileSync(QUANTISATION, "utf8");
  expect(page).toBe(withQuantisation(page, readQuantisation()));
  expect(page).toContain("| GGUF Q8_0 |");
});

it("the numbers and the picture in docs/streaming.md are those of the committed results", async () => {
  const page = readFileSync(STREAMING, "utf8");
  expect(page).toBe(withStreaming(page, readStreaming(), readFilled()));
  expect(readFileSync(join(root, "docs/streaming.svg"), "utf8")).toBe(await streamingPicture(readMemory().run));
});

it("the picture in docs/kernels.md is that of the committed results", async () => {
  expect(readFileSync(join(root, "docs/cost.svg"), "utf8")).toBe(await costPicture(...readCost()));
});
