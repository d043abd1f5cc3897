import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { expect, it } from "vitest";
import { program } from "../../src/cli/program.ts";

const root = join(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");

it("the README's example compiles and runs", { timeout: 120_000 }, async () => {
  const example = [...readme.matchAll(/```ts\n([^]*?)```/g)]
    .map((match) => match[1]!)
    .find((code) => code.includes("import"))!;
  const folder = join(root, ".cache/readme"); // inside the package, so that it finds itself by its name
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "example.mts");
  writeFileSync(file, example);
  try {
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config,
      ts.sys,
      root,
    );
    const compiled = ts.createProgram([file], { ...options, noEmit: true, skipLibCheck: true });
    expect(
      ts.getPreEmitDiagnostics(compiled).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
    ).toEqual([]);
    const script = join(folder, "example.mjs");
    writeFileSync(
      script,
      ts.transpileModule(example, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 } })
        .outputText,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    expect(stdout).toMatch(
      /layer 0: reference made \d+ x 160\nlayer 1: reference made \d+ x 160\n(layer \d: reference made \d+ x 160\n){2}$/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("the README names every command that there is", async () => {
  for (const command of (await program()).commands)
    expect(readme, command.name()).toMatch(new RegExp(`qwq ${command.name()}\\b`));
});
