import { defineConfig } from "vitest/config";

/** What the system and other processes can do to a run: they change its files, interrupt it, and refuse its calls. */
export default defineConfig({
  test: {
    include: ["test/sabotage/**/*.test.ts"],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    fileParallelism: false,
  },
});
