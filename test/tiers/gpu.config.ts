import { defineConfig } from "vitest/config";
import { withSoftwareAdapter } from "../support/vulkan.ts";

// Before the processes that run the tests begin: they take this one's environment.
Object.assign(process.env, withSoftwareAdapter(process.env), { QWQ_GPU: "1" });

/** The kernels for WebGPU, on this machine's GPU or on a program that plays one. Without either, they fail. */
export default defineConfig({
  test: {
    include: [
      "test/kernels/{wgsl,gpujs}/**/*.test.ts",
      "test/gpu/**/*.test.ts",
      "test/reference/*.test.ts",
      "test/model.test.ts",
    ],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
