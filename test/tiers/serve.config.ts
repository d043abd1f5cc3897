import { defineConfig } from "vitest/config";

/** `qwq serve` as its clients see it, in a process of its own: `npm run test:serve`. */
export default defineConfig({
  test: {
    include: ["test/served/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Its figures are measured: nothing runs beside it.
    fileParallelism: false,
  },
});
