import { defineConfig } from "vitest/config";

/** The full shape of QwQ-32B against Hugging Face: 65 GB of disk, half an hour, and `npm run setup`. */
export default defineConfig({
  test: {
    include: ["test/32b/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 7_200_000,
  },
});
