/**
 * Terms in LaTeX, compared as functions: two are the same where they have the same value, to a hundred digits, at several
 * points drawn once and for all. A polynomial that is not zero is zero at a random point with probability zero; what could
 * differ only elsewhere (|x| and x) is tried on both sides of zero.
 *
 * Parsing and arithmetic are @cortex-js/compute-engine's, which is loaded with the first comparison.
 *
 * source   Schwartz, Fast probabilistic algorithms for verification of polynomial identities (1980), theorem 1
 */

/** The engine, as far as it is used here; its own types do not resolve under "nodenext". */
interface Engine {
  precision: number;
  tolerance: number;
  parse(latex: string): Term;
  number(value: number): Term;
}

interface Term {
  readonly symbols: readonly string[];
  readonly json: unknown;
  readonly numericValue: null | number | Numeric;
  N(): Term;
  subs(values: Readonly<Record<string, Term>>): Term;
}

interface Numeric {
  readonly re: number;
  readonly im: number;
  readonly bignumRe?: { toString(): string } | undefined;
  readonly bignumIm?: { toString(): string } | undefined;
}

const DIGITS = 100;
/** Digits in which values are the same: twenty are left to cancellation. */
const SAME = 80;
/** The same for complex ones, which the engine has in float64. */
const SAME_COMPLEX = 13;
/** Values of the names, by point: no two alike, nothing that a formula would single out. */
const POINTS = [
  [1.3717, 0.8273, 2.1391, 1.6183, 0.4649, 2.7487, 1.1299, 0.6571],
  [-0.7213, 1.4867, -1.9463, 0.5981, 2.2367, -1.2781, 0.9103, 1.7321],
  [2.6459, -1.1093, 0.3547, -0.8837, 1.5391, 0.7649, -2.0411, 1.2203],
  [0.6173, 2.4391, 1.8713, 2.0903, -0.5407, 1.3163, 0.7927, -1.6619],
] as const;
/** Points at which both must have a value. */
const ENOUGH = 2;

/** A number of the engine: its digits, and float64. */
export interface Value {
  readonly digits: { readonly re: Decimal; readonly im: Decimal };
  readonly re: number;
  readonly im: number;
}

export class Evaluator {
  private readonly engine: Engine;

  private constructor(engine: Engine) {
    this.engine = engine;
  }

  static async open(): Promise<Evaluator> {
    const { ComputeEngine } = await import("@cortex-js/compute-engine");
    const engine = new ComputeEngine() as unknown as Engine;
    engine.precision = DIGITS;
    engine.tolerance = 0; // else what is smaller than 1e-10 is taken for zero
    return new Evaluator(engine);
  }

  /** Whether two terms are the same function of their names; `undefined` where they have no values to compare. */
  sameTerm(a: string, b: string): boolean | undefined {
    return this.everywhere([a, b], ([x, y]) => near(x!, y!));
  }

  /** Whether `a` is a constant multiple of `b`: "2x - 4" of "x - 2". The constant is compared in float64. */
  proportional(a: string, b: string): boolean | undefined {
    let first: number | undefined;
    return this.everywhere([a, b], ([x, y]) => {
      if (x!.im !== 0 || y!.im !== 0) return undefined;
      if (x!.re === 0 || y!.re === 0) return x!.re === y!.re;
      const ratio = x!.re / y!.re;
      first ??= ratio;
      // Each value has one rounding, the quotient another: four ulps are between two that are the same.
      return Math.abs(ratio - first) <= 4 * Number.EPSILON * Math.abs(first);
    });
  }

  /** The value of a term without names. */
  number(latex: string): Value | undefined {
    const term = this.parse(latex, new Names());
    return term === undefined || term.symbols.some((name) => !CONSTANTS.has(name)) ? undefined : this.value(term);
  }

  private everywhere(terms: readonly string[], test: (values: Value[]) => boolean | undefined): boolean | undefined {
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
      const passed = test(values as Value[]);
      if (passed === undefined) continue;
      if (!passed) return false;
      if (++points >= ENOUGH + 1 || symbols.length === 0) return true;
    }
    return points >= ENOUGH ? true : undefined;
  }

  private parse(latex: string, names: Names): Term | undefined {
    try {
      const term = this.engine.parse(names.plain(latex));
      return JSON.stringify(term.json).includes('"Error"') ? undefined : term;
    } catch {
      return undefined;
    }
  }

  private value(term: Term): Value | undefined {
    try {
      const found = term.N().numericValue;
      if (found === null) return undefined;
      const simple = typeof found === "number";
      // The engine's own re and json take all that is smaller than 1e-10 for zero; its digits do not.
      const re = decimalOf(simple ? String(found) : (found.bignumRe ?? found.re).toString());
      const im = decimalOf(simple ? "0" : (found.bignumIm ?? found.im).toString());
      return re === undefined || im === undefined ? undefined : { digits: { re, im }, re: float(re), im: float(im) };
    } catch {
      return undefined;
    }
  }
}

/** over * 10^power; `infinite` with the sign of `over`. */
interface Decimal {
  readonly over: bigint;
  readonly power: number;
  readonly infinite: boolean;
}

function decimalOf(text: string): Decimal | undefined {
  const infinite = /^([+-]?)Infinity$/.exec(text);
  if (infinite !== null) return { over: infinite[1] === "-" ? -1n : 1n, power: 0, infinite: true };
  const {
    whole,
    part = "",
    power = "0",
  } = /^(?<whole>[+-]?\d+)(?:\.(?<part>\d+))?(?:e(?<power>[+-]?\d+))?$/.exec(text)?.groups ?? {};
  if (whole === undefined) return undefined;
  return { over: BigInt(whole + part), power: Number(power) - part.length, infinite: false };
}

function float({ over, power, infinite }: Decimal): number {
  return infinite ? Number(over) * Infinity : Number(`${over}e${power}`);
}

/** Whether two numbers differ by no more than a unit in the last of their common digits, or of those of 1. */
function near(a: Value, b: Value): boolean {
  const least = Math.max(size(a), size(b)) - (a.im === 0 && b.im === 0 ? SAME : SAME_COMPLEX);
  return nearPart(a.digits.re, b.digits.re, least) && nearPart(a.digits.im, b.digits.im, least);
}

/** The power of ten above the larger part of a number. */
function size({ digits: { re, im } }: Value): number {
  const above = ({ over, power }: Decimal) => (over === 0n ? -Infinity : String(over).length + power);
  return Math.max(0, above(re), above(im));
}

function nearPart(a: Decimal, b: Decimal, least: number): boolean {
  if (a.infinite || b.infinite) return a.infinite && b.infinite && a.over === b.over;
  const gap = units(a, least) - units(b, least);
  return gap >= -1n && gap <= 1n;
}

/** A number in units of 10^least. */
function units({ over, power }: Decimal, least: number): bigint {
  const shift = power - least;
  if (shift < -DIGITS * 4) return 0n;
  return shift >= 0 ? over * 10n ** BigInt(shift) : over / 10n ** BigInt(-shift);
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
