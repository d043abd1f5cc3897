/**
 * Least squares with many right-hand sides: S minimises |X S - Y|, X [n G], Y [n O] -> S [G O].
 *
 * By the normal equations and Cholesky's factor; `undefined` where X has not full rank.
 */
export function solve(X: readonly Float64Array[], Y: readonly Float64Array[]): Float64Array[] | undefined {
  const G = X[0]!.length;
  const O = Y[0]!.length;
  const A = Array.from({ length: G }, (_, g) =>
    Float64Array.from({ length: G }, (_, h) => X.reduce((sum, x) => sum + x[g]! * x[h]!, 0)),
  );
  const S = Array.from({ length: G }, (_, g) => {
    const b = new Float64Array(O);
    X.forEach((x, n) => Y[n]!.forEach((y, o) => (b[o]! += x[g]! * y)));
    return b;
  });
  const L = factor(A);
  if (L === undefined) return undefined;
  for (let g = 0; g < G; g++) {
    for (let h = 0; h < g; h++) subtract(S[g]!, S[h]!, L[g]![h]!);
    S[g]!.forEach((value, o) => (S[g]![o] = value / L[g]![g]!));
  }
  for (let g = G - 1; g >= 0; g--) {
    for (let h = g + 1; h < G; h++) subtract(S[g]!, S[h]!, L[h]![g]!);
    S[g]!.forEach((value, o) => (S[g]![o] = value / L[g]![g]!));
  }
  return S;
}

/** A = L L', L lower triangular. */
function factor(A: readonly Float64Array[]): Float64Array[] | undefined {
  const L = A.map((row) => new Float64Array(row.length));
  for (let g = 0; g < A.length; g++) {
    for (let h = 0; h <= g; h++) {
      let sum = A[g]![h]!;
      for (let i = 0; i < h; i++) sum -= L[g]![i]! * L[h]![i]!;
      if (g !== h) L[g]![h] = sum / L[h]![h]!;
      else if (sum <= 1e-12 * A[g]![g]!) return undefined;
      else L[g]![g] = Math.sqrt(sum);
    }
  }
  return L;
}

function subtract(from: Float64Array, other: Float64Array, factor: number): void {
  for (let o = 0; o < from.length; o++) from[o]! -= factor * other[o]!;
}
