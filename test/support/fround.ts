/**
 * A kernel's own text as plain TypeScript that rounds to float32 after every operation: what a processor of float32 computes,
 * in the same order.
 */
import ts from "typescript";

const ROUNDED = new Set([
  ts.SyntaxKind.PlusToken,
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.SlashToken,
]);

type Body = (...given: readonly unknown[]) => number;

/** Wraps sums, products, quotients, `+=` and calls of Math in Math.fround. Indices are whole and stay as they are. */
function rounded(text: string): string {
  const file = ts.createSourceFile("kernel.ts", text, ts.ScriptTarget.ES2022, true);
  const { factory } = ts;
  const fround = (x: ts.Expression) =>
    factory.createCallExpression(factory.createIdentifier("Math.fround"), undefined, [x]);
  const transform: ts.TransformerFactory<ts.SourceFile> = (context) => {
    const visit = (node: ts.Node): ts.Node => {
      const inner = ts.visitEachChild(node, visit, context);
      if (ts.isBinaryExpression(inner) && ROUNDED.has(inner.operatorToken.kind)) return fround(inner);
      if (ts.isBinaryExpression(inner) && inner.operatorToken.kind === ts.SyntaxKind.PlusEqualsToken) {
        return factory.createAssignment(inner.left, fround(factory.createAdd(inner.left, inner.right)));
      }
      if (ts.isCallExpression(inner) && inner.expression.getText?.().startsWith("Math.")) return fround(inner);
      return inner;
    };
    return (source) => ts.visitNode(source, visit) as ts.SourceFile;
  };
  const { transformed } = ts.transform(file, [transform]);
  return ts.createPrinter().printFile(transformed[0]!);
}

/** Every cell of `output`, x fastest, of a kernel run so. Constants that are not whole are float32 on the device, too. */
export function froundLoop(
  text: (...given: never[]) => number,
  output: readonly number[],
  constants: Readonly<Record<string, number>>,
  ...given: readonly unknown[]
): Float32Array {
  const body = new Function(`return ${rounded(`(${text.toString()})`)}`)() as Body;
  const [X = 1, Y = 1, Z = 1] = output;
  const result = new Float32Array(X * Y * Z);
  const froundConstants = Object.fromEntries(Object.entries(constants).map(([key, n]) => [key, Math.fround(n)]));
  for (let z = 0; z < Z; z++) {
    for (let y = 0; y < Y; y++) {
      for (let x = 0; x < X; x++) {
        const self = { thread: { x, y, z }, constants: froundConstants };
        result[x + X * (y + Y * z)] = body.apply(self, given as unknown[]);
      }
    }
  }
  return result;
}
