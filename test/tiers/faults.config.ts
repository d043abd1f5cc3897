import { defineConfig } from "vitest/config";

/** Every operation with every fault at every place; `npm run test:system` takes some of them. */
export default defineConfig({
  test: {
    include: ["test/faults/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    env: { QWQ_FAULTS: "all" },
  },
});
