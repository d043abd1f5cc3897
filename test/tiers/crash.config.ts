import { defineConfig } from "vitest/config";

/** Processes killed while they write: 500 of them, two minutes. One file at a time. */
export default defineConfig({
  test: {
    include: ["test/crash/**/*.test.ts"],
    testTimeout: 300_000,
    fileParallelism: false,
  },
});
