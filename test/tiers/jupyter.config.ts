import { defineConfig } from "vitest/config";

/** What real Jupyter does with the notebooks and their kernel: `npx tsx golden/install.ts jupyter` brings it. */
export default defineConfig({
  test: {
    include: ["test/jupyter/**/*.test.ts"],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
