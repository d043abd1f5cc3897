import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [
      "test/cli/**",
      "test/hf/**",
      "test/peers/**",
      "test/browser/**",
      "test/kernels/wgsl/**",
      "test/served/**",
      "test/sabotage/**",
      "test/crash/**",
      "test/code/**",
      "test/32b/**",
      "test/long/**",
      "test/gpu/**",
      "test/jupyter/**",
      "test/graders/**",
    ],
    testTimeout: 30_000,
    // vitest itself takes a core less than there are, which of two is one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ["default"],
  },
});
