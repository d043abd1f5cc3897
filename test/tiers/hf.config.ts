import { defineConfig } from "vitest/config";

/** The comparisons with real models and with Hugging Face itself; they need `npm run setup`. Two files at a time. */
export default defineConfig({
  test: {
    include: ["test/hf/**/*.test.ts"],
    testTimeout: 900_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
