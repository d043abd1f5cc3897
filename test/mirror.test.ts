/** Every source file has its test, every golden that a docstring names exists, every skip has its reason. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name))
    .sort();
}

/** Files of types and tables alone; and those that are tested through the file they serve. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "src/ops.ts": "test/types.test.ts",
  "src/weights.ts": "test/types.test.ts",
  "src/index.ts": "test/readme.test.ts",
  "src/reference/index.ts": "test/model.test.ts",
  "src/reference/unwrap.ts": "test/reference/linear.test.ts",
  "src/files/source.ts": "test/files/pread.test.ts",
  "src/files/ahead-slots.ts": "test/files/ahead.test.ts",
  "src/files/ahead-worker.ts": "test/files/ahead.test.ts",
  "src/files/embedded.ts": "test/library/qwq.test.ts",
  "src/files/ggml-types.ts": "test/files/gguf.test.ts",
  "src/files/gguf-cursor.ts": "test/files/gguf.test.ts",
  "src/files/packed-blocks.ts": "test/files/packed.test.ts",
  "src/files/packed-columns.ts": "test/files/packed.test.ts",
  "src/files/packed-parts.ts": "test/files/packed.test.ts",
  "src/files/packed-rows.ts": "test/files/packed.test.ts",
  "src/ask/request.ts": "test/ask/server.test.ts",
  "src/ask/responder.ts": "test/ask/server.test.ts",
  "src/ask/stream.ts": "test/ask/server.test.ts",
  "src/eval/ask-all.ts": "test/eval/run.test.ts",
  "src/eval/benches.ts": "test/eval/data.test.ts",
  "src/eval/charts.ts": "test/eval/page.test.ts",
  "src/eval/choices.ts": "test/eval/data.test.ts",
  "src/eval/estimate.ts": "test/eval/run.test.ts",
  "src/eval/grade.ts": "test/eval/run.test.ts",
  "src/eval/own.ts": "test/eval/data.test.ts",
  "src/eval/problem.ts": "test/eval/data.test.ts",
  "src/eval/settings.ts": "test/eval/store.test.ts",
  "src/eval/report.ts": "test/eval/page.test.ts",
  "src/eval/scores.ts": "test/eval/page.test.ts",
  "src/cli/eval-help.ts": "test/cli/eval.test.ts",
  "src/cli/eval-text.ts": "test/cli/eval.test.ts",
  "src/cli/responder.ts": "test/cli/eval.test.ts",
  "src/cli/subcommands.ts": "test/cli/program.test.ts",
  "src/training/learner.ts": "test/training/reference-learner.test.ts",
  "src/training/run.ts": "test/training/recipe.test.ts",
  "src/training/stages/evaluate.ts": "test/training/recipe.test.ts",
  "src/training/stages/judge.ts": "test/training/recipe.test.ts",
  "src/training/stages/lots.ts": "test/training/recipe.test.ts",
  "src/training/stages/not-finite.ts": "test/training/recipe.test.ts",
  "src/training/stages/pairs.ts": "test/training/recipe.test.ts",
  "src/training/stages/plan.ts": "test/training/recipe.test.ts",
  "src/training/stages/reinforce.ts": "test/training/recipe.test.ts",
  "src/training/stages/reject.ts": "test/training/recipe.test.ts",
  "src/training/stages/reward-model.ts": "test/training/recipe.test.ts",
  "src/training/stages/supervise.ts": "test/training/recipe.test.ts",
  "src/training/backward/index.ts": "test/training/gradients.test.ts",
  "src/training/backward/rounded.ts": "test/training/backward/linear.test.ts",
  "src/training/added-tokens.ts": "test/training/tokenizer.test.ts",
  "src/training/tasks/problem.ts": "test/training/tasks/problems.test.ts",
  "src/verify/check.ts": "test/training/tasks/problems.test.ts",
  "src/verify/server/child.ts": "test/verify/server/run.test.ts",
  "src/verify/server/guest-javascript.ts": "test/verify/server/run.test.ts",
  "src/verify/server/guest-python.ts": "test/verify/server/run.test.ts",
  "src/verify/server/main.ts": "test/verify/client.test.ts",
  "src/verify/server/pool.ts": "test/verify/server/run.test.ts",
  "src/verify/server/jail.ts": "test/verify/server/protections.test.ts",
  "src/verify/verdict.ts": "test/verify/answer.test.ts",
  "src/verify/ifeval/arguments.ts": "test/verify/ifeval/check.test.ts",
  "src/verify/ifeval/case.ts": "test/verify/ifeval/check.test.ts",
  "src/verify/ifeval/form.ts": "test/verify/ifeval/check.test.ts",
  "src/verify/ifeval/keywords.ts": "test/verify/ifeval/check.test.ts",
  "src/verify/ifeval/length.ts": "test/verify/ifeval/check.test.ts",
  "src/verify/ifeval/task.ts": "test/verify/ifeval/check.test.ts",
  "src/verify/ifeval/punkt-english.ts": "test/verify/ifeval/punkt.test.ts",
  "src/hub/digest.ts": "test/hub/download.test.ts",
  "src/hub/fault.ts": "test/hub/web.test.ts",
  "src/hub/huggingface.ts": "test/hub/hub.test.ts",
  "src/hub/layout.ts": "test/hub/disk.test.ts",
  "src/hub/modelscope.ts": "test/hub/hub.test.ts",
  "src/hub/partial.ts": "test/hub/transfer.test.ts",
  "src/hub/queue.ts": "test/hub/download.test.ts",
  "src/hub/space.ts": "test/hub/disk.test.ts",
  "src/files/text-files.ts": "test/files/checkpoint.test.ts",
  "src/text/vocabulary.ts": "test/text/tokenizer.test.ts",
  "src/text/unicode-data.ts": "test/text/unicode.test.ts",
  "src/generate/feed.ts": "test/generate/generate.test.ts",
  "src/generate/finite.ts": "test/generate/generate.test.ts",
  "src/library/answer.ts": "test/library/qwq.test.ts",
  "src/library/options.ts": "test/library/qwq.test.ts",
  "src/library/prompts.ts": "test/library/qwq.test.ts",
  "src/serve/access.ts": "test/serve/server.test.ts",
  "src/serve/chat.ts": "test/serve/server.test.ts",
  "src/serve/chat-request.ts": "test/serve/server.test.ts",
  "src/serve/choice.ts": "test/serve/server.test.ts",
  "src/serve/engine.ts": "test/serve/server.test.ts",
  "src/serve/completions.ts": "test/serve/server.test.ts",
  "src/serve/text-routes.ts": "test/serve/server.test.ts",
  "src/serve/errors.ts": "test/serve/server.test.ts",
  "src/serve/fields.ts": "test/serve/server.test.ts",
  "src/serve/flaws.ts": "test/serve/server.test.ts",
  "src/serve/logprobs.ts": "test/serve/server.test.ts",
  "src/serve/messages.ts": "test/serve/server.test.ts",
  "src/serve/metrics.ts": "test/serve/server.test.ts",
  "src/serve/model.ts": "test/serve/server.test.ts",
  "src/serve/response.ts": "test/serve/server.test.ts",
  "src/serve/settings.ts": "test/serve/server.test.ts",
  "src/serve/steered.ts": "test/serve/server.test.ts",
  "src/serve/stream.ts": "test/serve/server.test.ts",
  "src/serve/watched.ts": "test/serve/server.test.ts",
  "src/grammar/calls.ts": "test/grammar/constraint.test.ts",
  "src/grammar/expression.ts": "test/grammar/automaton.test.ts",
  "src/grammar/formats.ts": "test/grammar/schema.test.ts",
  "src/grammar/json.ts": "test/grammar/schema.test.ts",
  "src/grammar/keys.ts": "test/grammar/schema.test.ts",
  "src/grammar/keywords.ts": "test/grammar/schema.test.ts",
  "src/grammar/pattern.ts": "test/grammar/schema.test.ts",
  "src/grammar/tokens.ts": "test/grammar/constraint.test.ts",
  "src/serve/grammars.ts": "test/serve/server.test.ts",
  "src/serve/host.ts": "test/serve/remote.test.ts",
  "src/library/missing.ts": "test/cli/run.test.ts",
  "src/library/memory.ts": "test/library/qwq.test.ts",
  "src/oracle/bundle-read.ts": "test/oracle/bundle.test.ts",
  "src/oracle/identity.ts": "test/oracle/bundle.test.ts",
  "src/oracle/record.ts": "test/oracle/bundle.test.ts",
  "src/oracle/anchored.ts": "test/oracle/replay.test.ts",
  "src/oracle/candidate.ts": "test/oracle/replay.test.ts",
  "src/oracle/first.ts": "test/oracle/compare.test.ts",
  "src/oracle/judge.ts": "test/oracle/replay.test.ts",
  "src/oracle/metrics.ts": "test/oracle/compare.test.ts",
  "src/oracle/mutants/attention.ts": "test/oracle/diagnose.test.ts",
  "src/oracle/mutants/block.ts": "test/oracle/diagnose.test.ts",
  "src/oracle/mutants/ending.ts": "test/oracle/diagnose.test.ts",
  "src/oracle/mutants/index.ts": "test/oracle/diagnose.test.ts",
  "src/oracle/mutants/linear.ts": "test/oracle/diagnose.test.ts",
  "src/oracle/mutants/mutant.ts": "test/oracle/diagnose.test.ts",
  "src/oracle/mutants/norm.ts": "test/oracle/diagnose.test.ts",
  "src/oracle/mutants/rope.ts": "test/oracle/diagnose.test.ts",
  "src/oracle/mutants/solve.ts": "test/oracle/diagnose.test.ts",
  "src/oracle/noise.ts": "test/oracle/compare.test.ts",
  "src/oracle/noise-file.ts": "test/oracle/compare.test.ts",
  "src/oracle/numbers/attention.ts": "test/oracle/numbers/ops.test.ts",
  "src/oracle/numbers/elementwise.ts": "test/oracle/numbers/ops.test.ts",
  "src/oracle/numbers/linear.ts": "test/oracle/numbers/ops.test.ts",
  "src/oracle/numbers/policies.ts": "test/oracle/numbers/ops.test.ts",
  "src/oracle/numbers/rows.ts": "test/oracle/numbers/ops.test.ts",
  "src/oracle/provenance.ts": "test/oracle/compare.test.ts",
  "src/oracle/replay-plan.ts": "test/oracle/replay.test.ts",
  "src/oracle/report.ts": "test/oracle/compare.test.ts",
  "src/oracle/walk.ts": "test/oracle/replay.test.ts",
  "src/oracle/checks.ts": "test/oracle/formats/checks.test.ts",
  "src/oracle/formats/html-data.ts": "test/oracle/formats/html.test.ts",
  "src/oracle/formats/html-page.ts": "test/oracle/formats/html.test.ts",
  "src/files/scanned-rows.ts": "test/files/scanner.test.ts",
  "src/oracle/lint/facts.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/lint/published.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/lint/read-gguf.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/lint/read-json.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/lint/rope-rules.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/lint/rule.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/lint/sampling-rules.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/lint/shape-rules.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/lint/template-rules.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/lint/tensors.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/lint/token-rules.ts": "test/oracle/lint/lint.test.ts",
  "src/oracle/import/foreign.ts": "test/oracle/import/read.test.ts",
  "src/oracle/import/onnx-tensor.ts": "test/oracle/import/read.test.ts",
  "src/oracle/import/stats.ts": "test/oracle/import/assemble.test.ts",
  "src/oracle/import/zip.ts": "test/oracle/import/npy.test.ts",
  "src/oracle/text/candidate.ts": "test/cli/oracle-text.test.ts",
  "src/oracle/text/compare.ts": "test/cli/oracle-text.test.ts",
  "src/oracle/text/suite.ts": "test/cli/oracle-text.test.ts",
  "src/oracle/invariants/rotation.ts": "test/oracle/invariants/taps.test.ts",
  "src/oracle/invariants/verdict.ts": "test/oracle/invariants/taps.test.ts",
  "src/oracle/invariants/server.ts": "test/cli/oracle-invariants.test.ts",
  "src/oracle/weights/likeness.ts": "test/oracle/weights/compare.test.ts",
  "src/oracle/weights/sameness.ts": "test/oracle/weights/compare.test.ts",
  "src/oracle/weights/side.ts": "test/oracle/weights/compare.test.ts",
  "src/oracle/numbers/rate.ts": "test/oracle/plan.test.ts",
  "src/oracle/probe/client.ts": "test/cli/oracle-probe.test.ts",
  "src/oracle/probe/options.ts": "test/cli/oracle-probe.test.ts",
  "src/oracle/probe/logprobs.ts": "test/cli/oracle-probe.test.ts",
  "src/oracle/probe/probe.ts": "test/cli/oracle-probe.test.ts",
  "src/integrity/compare.ts": "test/integrity/verify.test.ts",
  "src/integrity/pass.ts": "test/integrity/verify.test.ts",
  "src/integrity/report.ts": "test/integrity/verify.test.ts",
  "src/integrity/rules.ts": "test/integrity/verify.test.ts",
  "src/integrity/survey.ts": "test/integrity/verify.test.ts",
  "src/integrity/tasks.ts": "test/integrity/verify.test.ts",
  "src/integrity/worker.ts": "test/integrity/verify.test.ts",
  "src/browser/messages.ts": "test/browser/index.test.ts",
  "src/browser/backends.ts": "test/browser/index.test.ts",
  "src/browser/line.ts": "test/browser/index.test.ts",
  "src/browser/collect.ts": "test/browser/index.test.ts",
  "src/browser/model.ts": "test/browser/index.test.ts",
  "src/browser/built.ts": "test/browser/index.test.ts",
  "src/browser/thread.ts": "test/browser/index.test.ts",
  "src/browser/template-process.ts": "test/browser/index.test.ts",
  "src/browser/template-worker.ts": "test/browser/index.test.ts",
  "src/browser/node/fs.ts": "test/browser/index.test.ts",
  "src/browser/node/os.ts": "test/browser/index.test.ts",
  "src/browser/node/small.ts": "test/browser/index.test.ts",
  "src/browser/node/globals.ts": "test/browser/index.test.ts",
  "src/browser/node/worker_threads.ts": "test/browser/index.test.ts",
  "src/browser/build.ts": "test/browser/bundled.test.ts",
  "src/browser/bundle.ts": "test/browser/bundled.test.ts",
  "src/browser/wasm.d.ts": "test/browser/bundled.test.ts",
  "src/text/template-limits.ts": "test/text/template-process.test.ts",
  "src/text/template-result.ts": "test/text/template-process.test.ts",
  "src/files/disk.ts": "test/quantize/quantize.test.ts",
  "src/files/shards-write.ts": "test/quantize/quantize.test.ts",
  "src/files/config-write.ts": "test/quantize/quantize.test.ts",
  "src/files/tokenizer-write.ts": "test/quantize/quantize.test.ts",
  "src/files/gguf-metadata.ts": "test/quantize/quantize.test.ts",
  "src/quantize/encode.ts": "test/quantize/quantize.test.ts",
  "src/quantize/folder.ts": "test/quantize/quantize.test.ts",
  "src/quantize/gguf.ts": "test/quantize/quantize.test.ts",
  "src/quantize/int8.ts": "test/quantize/quantize.test.ts",
  "src/quantize/job.ts": "test/quantize/quantize.test.ts",
  "src/quantize/prepare.ts": "test/quantize/quantize.test.ts",
  "src/quantize/target.ts": "test/quantize/quantize.test.ts",
  "src/quantize/threads.ts": "test/quantize/quantize.test.ts",
  "src/quantize/types.ts": "test/quantize/quantize.test.ts",
  "src/quantize/work.ts": "test/quantize/quantize.test.ts",
  "src/quantize/worker.ts": "test/quantize/quantize.test.ts",
  "src/synth/drawn.ts": "test/synth/quantised.test.ts",
  "src/synth/quantised-worker.ts": "test/synth/quantised.test.ts",
  "src/synth/folder.ts": "test/synth/synth.test.ts",
  "src/synth/qwq-config.ts": "test/synth/synth.test.ts",
  "src/synth/worker.ts": "test/synth/synth.test.ts",
  "src/synth/write.ts": "test/synth/synth.test.ts",
};

/** The test that answers for a source file. */
function testOf(file: string): string {
  if (file.startsWith("src/quant/")) return "test/quant/formats.test.ts";
  return ELSEWHERE[file] ?? file.replace(/^src/, "test").replace(/\.ts$/, ".test.ts");
}

/** A command is tested as a shell sees it, by its own test or by those of the commands that share the file. */
const CLI: Readonly<Record<string, string>> = {
  "src/cli/against.ts": "test/cli/perplexity.test.ts",
  "src/cli/downloading.ts": "test/cli/download.test.ts",
  "src/cli/fetch.ts": "test/cli/download.test.ts",
  "src/cli/hear-worker.ts": "test/cli/supervise.test.ts",
  "src/cli/input.ts": "test/cli/main.test.ts",
  "src/cli/inspection.ts": "test/cli/inspect.test.ts",
  "src/cli/inspection-text.ts": "test/cli/inspect.test.ts",
  "src/cli/load.ts": "test/cli/run.test.ts",
  "src/cli/oracle.ts": "test/cli/main.test.ts",
  "src/cli/strict.ts": "test/cli/verify.test.ts",
  "src/cli/oracle-output.ts": "test/cli/oracle-lint.test.ts",
  "src/cli/serve-worker.ts": "test/cli/serve.test.ts",
  "src/cli/signals.ts": "test/cli/run.test.ts",
  "src/cli/terminal.ts": "test/cli/run.test.ts",
  "src/cli/text.ts": "test/cli/tokenize.test.ts",
  "src/cli/train-parts.ts": "test/cli/train.test.ts",
  "src/cli/units.ts": "test/cli/inspect.test.ts",
  "src/cli/verify-text.ts": "test/cli/verify.test.ts",
  "src/cli/version.ts": "test/cli/main.test.ts",
};

it.each(files("src"))("%s has its test", (file) => {
  const test = CLI[file] ?? testOf(file);
  expect(
    existsSync(join(root, test)),
    `${file}: no ${test}; write it, or say in this file which test answers for it`,
  ).toBe(true);
});

it("no file stands in these tables that is not in src", () => {
  expect([...Object.keys(ELSEWHERE), ...Object.keys(CLI)].filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

it("every golden file that a docstring names exists", () => {
  const named = files("src").flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/^ \* golden {3}(\S+)/gm)].map(
      (match) => [file, match[1]!] as const,
    ),
  );
  expect(named.length).toBeGreaterThan(10);
  const missing = named.filter(
    ([, name]) =>
      !["", ".safetensors", ".json", ".jsonl"].some((end) =>
        existsSync(join(root, "golden", name.replace(/[,:]$/, "") + end)),
      ),
  );
  expect(missing).toEqual([]);
});

it("test/SKIPS.md lists the files that skip, and no others", () => {
  const skipping = files("test").filter((file) =>
    /\.(skipIf|runIf|skip|todo)\b/.test(
      readFileSync(join(root, file), "utf8").replace(/\.matchAll\([^\n]*|\/\\\.[^\n]*/g, ""),
    ),
  );
  const listed = [...readFileSync(join(root, "test/SKIPS.md"), "utf8").matchAll(/^\| (test\/\S+) \|/gm)].map(
    (match) => match[1]!,
  );
  const matches = (file: string, pattern: string) =>
    new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`).test(file);
  expect(skipping.filter((file) => !listed.some((pattern) => matches(file, pattern)))).toEqual([]);
  expect(listed.filter((pattern) => !skipping.some((file) => matches(file, pattern)))).toEqual([]);
});
