import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * What is built on the equations, kernels and files, and what goes through a whole catalogue: training, checkpoints made
 * and rewritten, the code server, servers and downloads, agents and benchmarks, notebooks, faults and fuzzing, threads by
 * the dozen. `npm test` leaves it to `npm run test:system`.
 */
export const SYSTEM = [
  "test/training/{initial,recipe,reference-learner,tokenizer}.test.ts",
  "test/training/{stages,tasks}/**/*.test.ts",
  "test/kernels/training/**/*.test.ts",
  "test/{reasoner,whole-context,whole-recipe}.test.ts",
  "test/verify/server/**/*.test.ts",
  "test/verify/{client,program}.test.ts",
  "test/hostile/**/*.test.ts",
  "test/{agent,eval,faults,fuzz,hub,integrity,learn,notebook,quantize,serve,synth}/**/*.test.ts",
  "test/text/template-{child,process}.test.ts",
  "test/files/shipped.test.ts",
  "test/oracle/planted.test.ts",
  "test/oracle/lint/lint.test.ts",
  "test/generate/speculate.test.ts",
  "test/kernels/wasm/team.test.ts",
  "test/kernels/gpujs/traps.test.ts",
];

export default defineConfig({
  test: {
    include: SYSTEM,
    testTimeout: 30_000,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    isolate: false, // as /vitest.config.ts says
  },
});
