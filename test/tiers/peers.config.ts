import { defineConfig } from "vitest/config";

/** Against other engines' own programs, which kernels/bench/peers builds; `npm run test:peers` builds them first. */
export default defineConfig({
  test: {
    include: ["test/peers/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
});
