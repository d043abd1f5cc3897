import { defineConfig } from "vitest/config";

/** What takes many minutes because it is of order T^2: `npm run test:long`. */
export default defineConfig({
  test: {
    include: ["test/long/**/*.test.ts"],
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
  },
});
