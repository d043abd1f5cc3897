import { defineConfig } from "vitest/config";

/** Our graders beside the official ones, whose verdicts lie in golden/graders: `npm run test:graders`. */
export default defineConfig({
  test: {
    include: ["test/graders/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
