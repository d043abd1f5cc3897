/** Makes docs/course/start from src/reference and src/model.ts: `npx tsx docs/course/build.ts`. A test says when it is due. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { STEPS } from "../../src/learn/steps.ts";

const root = join(import.meta.dirname, "../..");
const to = join(import.meta.dirname, "start");

const README = `# The course

One file a step, in this order: ${STEPS.map(({ name }) => name).join(", ")}.

Write the body of each function: the comment above it is its equation, its shapes, and what it rounds. \`Host<"T C">\` is an
array of T rows of C numbers, row after row: \`x.data\` holds them, \`x.shape\` is [T, C]. \`zeros(T, C)\` makes one. Then

    npx qwq learn
`;

const TSCONFIG = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    lib: ["es2023"],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  },
};

const TYPES = ["Activations", "Config", "Host", "Layer", "LayerCache", "Observe", "Ops", "Rope", "Tensor", "Weights"];

/** The starter files by their names. */
export function starters(): Map<string, string> {
  const files = STEPS.map(({ name }) => {
    const model = name === "model";
    const path = model ? "src/model.ts" : `src/reference/${name}.ts`;
    return [`${name}.ts`, starter(name, readFileSync(join(root, path), "utf8"))] as const;
  });
  return new Map([...files, ["README.md", README], ["tsconfig.json", `${JSON.stringify(TSCONFIG, null, 2)}\n`]]);
}

/** The exported functions of a file, without their bodies. */
function starter(step: string, text: string): string {
  const file = ts.createSourceFile("file.ts", text, ts.ScriptTarget.ES2022, true);
  const wanted = STEPS.find(({ name }) => name === step)!.exports;
  const functions = file.statements
    .filter(ts.isFunctionDeclaration)
    .filter(({ name, modifiers }) => modifiers !== undefined && (step === "model" || name?.text === wanted));
  const bodies = functions.map((each) => emptied(each, text, step));
  const above = file.statements.filter(ts.isClassDeclaration).map((each) => docOf(each, text));
  const code = [...above, ...bodies].join("\n\n");
  const types = TYPES.filter((name) => new RegExp(`\\b${name}\\b`).test(code.replace(/\/\*[^]*?\*\//g, "")));
  const values = step === "model" ? [] : ["zeros", ...(step === "rope" ? ["frequencies"] : [])];
  const names = [...types.map((name) => `type ${name}`), ...values].join(", ");
  return `import { ${names} } from "qwq-ts";\n\n${code}\n`;
}

function docOf(node: ts.Node, text: string): string {
  return text.slice(node.getStart(undefined, true), node.getStart()).trim();
}

function emptied(node: ts.FunctionDeclaration, text: string, step: string): string {
  const doc = docOf(node, text).replace(/\n \* golden .*/, "");
  const name = node.name!.text;
  let signature = text.slice(node.getStart(), node.body!.getStart()).trim();
  if (step !== "model") signature = signature.replace(/\bTensor</g, "Host<");
  if (name === "cache") signature = signature.replace(/, format: CacheFormat = "f32"/, "");
  if (name === "block") signature += ": Activations";
  const hints = step === "model" ? mathematics(text.slice(node.body!.getStart(), node.body!.end)) : [];
  return `${doc}\n${signature} {\n${hints.map((hint) => `  // ${hint}\n`).join("")}  throw new Error("${name} is not written yet");\n}`;
}

/** The right-hand column of the page: each line's name and its equation. */
function mathematics(body: string): string[] {
  return body.split("\n").flatMap((line) => {
    const [, name, equation] =
      /^\s*(?:const|let|for \(const|return)\s+(.*?)(?:\s+=|\s+of|\().*?\/\/ (.*)$/.exec(line) ?? [];
    return equation === undefined ? [] : `${name!.replace(/[{}]/g, "").trim()}: ${equation}`;
  });
}

if (process.argv[1] === import.meta.filename) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const [name, content] of starters()) writeFileSync(join(to, name), content);
}
