/**
 * Terms in LaTeX, compared as functions: two are the same where they have the same value, to a hundred digits, at several
 * points drawn once and for all. A polynomial that is not zero is zero at a random point with probability zero; what could
 * differ only elsewhere (|x| and x) is tried on both sides of zero.
 *
 * Parsing and arithmetic are @cortex-js/compute-engine's, which is loaded with the first comparison.
 *
 * source   Schwartz, Fast probabilistic algorithms for verification of polynomial identities (1980), theorem 1
 */
import type { BoxedExpression, ComputeEngine } from "@cortex-js/compute-engine";

const DIGITS = 100;
/** Relative difference below which values of a hundred digits are the same: twenty digits are left to cancellation. */
const SAME = 1e-80;
/** Values of the names, by point: no two alike, nothing that a formula would single out. */
const POINTS = [
  [1.3717, 0.8273, 2.1391, 1.6183, 0.4649, 2.7487, 1.1299, 0.6571],
  [-0.7213, 1.4867, -1.9463, 0.5981, 2.2367, -1.2781, 0.9103, 1.7321],
  [2.6459, -1.1093, 0.3547, -0.8837, 1.5391, 0.7649, -2.0411, 1.2203],
  [0.6173, 2.4391, 1.8713, 2.0903, -0.5407, 1.3163, 0.7927, -1.6619],
] as const;
/** Points at which both must have a value. */
const ENOUGH = 2;

/** A number of the engine, as far as it is used here. */
export interface Value {
  readonly boxed: BoxedExpression;
  readonly re: number;
  readonly im: number;
}

export class Evaluator {
  private readonly engine: ComputeEngine;

  private constructor(engine: ComputeEngine) {
    this.engine = engine;
  }

  static async open(): Promise<Evaluator> {
    const { ComputeEngine } = await import("@cortex-js/compute-engine");
    const engine = new ComputeEngine();
    engine.precision = DIGITS;
    // What is smaller than this is taken for zero.
    engine.tolerance = Number(`1e-${DIGITS - 1}`);
    return new Evaluator(engine);
  }

  /** Whether two terms are the same function of their names; `undefined` where they have no values to compare. */
  sameTerm(a: string, b: string): boolean | undefined {
    return this.everywhere([a, b], ([x, y]) => this.near(x!, y!));
  }

  /** Whether `a` is a constant multiple of `b`: "2x - 4" of "x - 2". */
  proportional(a: string, b: string): boolean | undefined {
    let first: Value | undefined;
    return this.everywhere([a, b], ([x, y]) => {
      if (this.isZero(y!) || this.isZero(x!)) return this.isZero(x!) && this.isZero(y!);
      const ratio = this.value(this.engine.box(["Divide", x!.boxed.json, y!.boxed.json]));
      if (ratio === undefined) return false;
      if (first !== undefined) return this.near(ratio, first);
      first = ratio;
      return true;
    });
  }

  /** The value of a term without names. */
  number(latex: string): Value | undefined {
    const term = this.parse(latex, new Names());
    return term === undefined || term.symbols.some((name) => !CONSTANTS.has(name)) ? undefined : this.value(term);
  }

  private everywhere(terms: readonly string[], test: (values: Value[]) => boolean): boolean | undefined {
    const names = new Names();
    const parsed = terms.map((term) => this.parse(term, names));
    if (parsed.includes(undefined)) return undefined;
    const symbols = [...new Set(parsed.flatMap((term) => term!.symbols))].filter((name) => !CONSTANTS.has(name)).sort();
    if (symbols.length > POINTS[0].length) return undefined;
    let points = 0;
    for (const point of POINTS) {
      const at = Object.fromEntries(symbols.map((name, i) => [name, this.engine.number(point[i]!)]));
      const values = parsed.map((term) => this.value(symbols.length === 0 ? term! : term!.subs(at)));
      if (values.includes(undefined)) continue;
      if (!test(values as Value[])) return false;
      if (++points >= ENOUGH + 1 || symbols.length === 0) return true;
    }
    return points >= ENOUGH ? true : undefined;
  }

  private parse(latex: string, names: Names): BoxedExpression | undefined {
    try {
      const term = this.engine.parse(names.plain(latex));
      return JSON.stringify(term.json).includes('"Error"') ? undefined : term;
    } catch {
      return undefined;
    }
  }

  private value(term: BoxedExpression): Value | undefined {
    try {
      const boxed = term.N();
      if (!boxed.isNumberLiteral || boxed.isNaN === true) return undefined;
      const { re, im } = boxed;
      return Number.isNaN(re) ? undefined : { boxed, re, im: Number.isNaN(im) ? 0 : im };
    } catch {
      return undefined;
    }
  }

  private isZero({ re, im }: Value): boolean {
    return Math.hypot(re, im) < SAME;
  }

  private near(a: Value, b: Value): boolean {
    const gap = this.value(this.engine.box(["Subtract", a.boxed.json, b.boxed.json]));
    if (gap === undefined) return false;
    const size = Math.hypot(b.re, b.im);
    if (!Number.isFinite(size)) return leading(a) === leading(b);
    return Math.hypot(gap.re, gap.im) <= SAME * Math.max(1, size);
  }
}

/** The first digits and the power of ten of a number that is too large for float64. */
function leading({ boxed }: Value): string {
  const [digits = "", power = ""] = String((boxed.json as { num?: string }).num ?? boxed.json).split("e");
  return `${digits.slice(0, 62)}e${power}`;
}

/** What the engine knows as numbers of their own. */
const CONSTANTS = new Set(["Pi", "ExponentialE", "ImaginaryUnit", "GoldenRatio", "e", "i"]);

const LETTERS = ["xi", "zeta", "eta", "kappa", "mu", "nu", "rho", "chi", "psi", "iota"];

/** Names with indices, as names that the engine knows: x_1 and x_{1} are one name in all terms of a comparison. */
class Names {
  private readonly known = new Map<string, string>();

  plain(latex: string): string {
    return latex
      .replace(
        /(?<![\\a-zA-Z])([a-zA-Z])_(?:\{([^{}]+)\}|([a-zA-Z0-9]))/g,
        (_, letter: string, long?: string, one?: string) => this.letter(`${letter}_${(long ?? one)!.trim()}`),
      )
      .replace(/\\text\s*\{\s*([a-zA-Z])\s*\}/g, "$1")
      .replace(/\\binom\s*(?:\{([^{}]+)\}|(\d))\s*(?:\{([^{}]+)\}|(\d))/g, (_, ...parts: (string | undefined)[]) => {
        const [n, k] = [parts[0] ?? parts[1], parts[2] ?? parts[3]];
        return `\\frac{(${n})!}{(${k})!((${n})-(${k}))!}`;
      });
  }

  private letter(name: string): string {
    const known = this.known.get(name) ?? `\\${LETTERS[this.known.size % LETTERS.length]} `;
    this.known.set(name, known);
    return known;
  }
}
