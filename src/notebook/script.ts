/**
 * From the TypeScript of a cell to what V8's REPL mode evaluates: types become blanks, so that lines and columns stay, and
 * imports become awaited calls, since only modules may have `import`. Top-level `await` and a second `const` of one name
 * are V8's own.
 */
import tsBlankSpace from "ts-blank-space";
import ts from "typescript";
import { IMPORT } from "./messages.ts";

/** Why a cell cannot be evaluated; the line is the cell's own, from 1. */
export class SyntaxFault extends Error {
  override readonly name = "SyntaxError";
  readonly line: number;
  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** The JavaScript of a cell, on the same lines. Throws SyntaxFault. */
export function toScript(cell: string): string {
  refuseSyntax(cell);
  const blanked = tsBlankSpace(cell, (node) => {
    const line = cell.slice(0, node.end).trimEnd().split("\n").length - inside(node, cell) + 1;
    throw new SyntaxFault(`only types that can be left out: no enum, namespace or parameter property`, line);
  });
  return withoutImports(blanked);
}

/** How many lines a node has. */
const inside = ({ pos, end }: ts.Node, cell: string) => cell.slice(pos, end).trim().split("\n").length;

/** What stands inside types is blanked unread, so the compiler must have read the whole before. */
function refuseSyntax(cell: string): void {
  const { diagnostics = [] } = ts.transpileModule(cell, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const [first] = diagnostics;
  if (first === undefined) return;
  const line = cell.slice(0, first.start ?? 0).split("\n").length;
  throw new SyntaxFault(ts.flattenDiagnosticMessageText(first.messageText, "\n"), line);
}

function withoutImports(code: string): string {
  const file = ts.createSourceFile("cell.js", code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const edits: { from: number; to: number; text: string }[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) edits.push({ from: node.getStart(), to: node.end, text: awaited(node) });
    else if (node.kind === ts.SyntaxKind.ImportKeyword)
      edits.push({ from: node.getStart(), to: node.end, text: IMPORT });
    else ts.forEachChild(node, look);
  };
  look(file);
  return edits.reduceRight((text, { from, to, text: put }) => text.slice(0, from) + put + text.slice(to), code);
}

/** `import d, { a as b } from "m"` as `const { default: d, a: b } = await __import("m");`, on as many lines. */
function awaited(node: ts.ImportDeclaration): string {
  const call = `await ${IMPORT}(${node.moduleSpecifier.getText()});`;
  const { importClause: clause } = node;
  const below = "\n".repeat(node.getText().split("\n").length - 1);
  if (clause === undefined) return call + below;
  const bindings = clause.namedBindings;
  if (bindings !== undefined && ts.isNamespaceImport(bindings)) return `const ${bindings.name.text} = ${call}${below}`;
  const named = (bindings?.elements ?? []).map(({ propertyName, name }) =>
    propertyName === undefined ? name.text : `${propertyName.text}: ${name.text}`,
  );
  const all = clause.name === undefined ? named : [`default: ${clause.name.text}`, ...named];
  return `const { ${all.join(", ")} } = ${call}${below}`;
}
