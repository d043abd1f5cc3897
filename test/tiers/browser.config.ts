import { defineConfig } from "vitest/config";

/** What runs in a browser, in one: Chromium, found on this machine (or named by CHROMIUM). */
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
