import { defineConfig } from "vitest/config";

/** Hostile programs and honest ones on the code execution server: 300 processes, under a minute. One file at a time. */
export default defineConfig({
  test: {
    include: ["test/code/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
