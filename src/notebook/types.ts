/** Types, checked cell by cell: the source is one module, so the compiler reads it whole and the lines say which cell. */
import { dirname, relative } from "node:path";
import ts from "typescript";
import { FormatError } from "../errors.ts";
import { parseSource } from "./source.ts";
import type { Problem } from "./problem.ts";
import { readSource } from "./run.ts";

/** What the compiler has against these notebooks, by the tsconfig.json above them. Throws FormatError E_NB_TSCONFIG. */
export function typeProblems(paths: readonly string[]): Problem[] {
  const config = ts.findConfigFile(dirname(paths[0] ?? "."), (path) => ts.sys.fileExists(path));
  const options = config === undefined ? {} : optionsOf(config);
  const program = ts.createProgram([...paths], { ...options, noEmit: true });
  return paths.flatMap((path) => {
    const source = program.getSourceFile(path)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    const cells = parseSource(readSource(path), path);
    return found.map(({ start = 0, messageText }) => {
      const line = source.getLineAndCharacterOfPosition(start).line + 1;
      const cell = cells.filter((one) => one.line <= line).length;
      return { path, line, cell, text: `type: ${ts.flattenDiagnosticMessageText(messageText, " ")}` };
    });
  });
}

function optionsOf(config: string): ts.CompilerOptions {
  const { config: json, error } = ts.readConfigFile(config, (path) => ts.sys.readFile(path)) as {
    config: unknown;
    error?: ts.Diagnostic;
  };
  if (error !== undefined) {
    const actual = ts.flattenDiagnosticMessageText(error.messageText, " ");
    throw new FormatError("E_NB_TSCONFIG", relative(".", config), { expected: "options for the compiler", actual });
  }
  return ts.parseJsonConfigFileContent({ ...(json as object), include: [] }, ts.sys, dirname(config)).options;
}
