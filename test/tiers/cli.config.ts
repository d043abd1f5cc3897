import { defineConfig } from "vitest/config";

/** The commands as a user calls them, each in a process of its own: `npm run test:cli`. */
export default defineConfig({
  test: {
    include: ["test/cli/**/*.test.ts"],
    testTimeout: 30_000,
    // Such a test waits for its process more than it computes.
    maxWorkers: 3,
  },
});
