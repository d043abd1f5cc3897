import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [
      "test/hf/**",
      "test/browser/**",
      "test/kernels/wgsl/**",
      "test/sabotage/**",
      "test/crash/**",
      "test/32b/**",
      "test/long/**",
      "test/gpu/**",
    ],
    testTimeout: 30_000,
    reporters: ["default"],
  },
});
