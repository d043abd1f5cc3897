import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SYSTEM } from "./test/tiers/system.config.ts";

/**
 * What a developer runs before a commit: equations, kernels, files, text, the oracle. Under two minutes on two cores; what
 * takes longer is in a tier of its own.
 */
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
      ...SYSTEM,
    ],
    testTimeout: 30_000,
    // vitest itself takes a core less than there are, which of two is one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A process for each file, and every module read again in it, took as long as the tests. A test leaves nothing behind.
    isolate: false,
    reporters: ["default"],
  },
});
