/**
 * Parses a Python expression.
 *
 * throws   FormatError E_PYTHON_SYNTAX where CPython raises SyntaxError
 * source   CPython 3.11: Grammar/python.gram (eval, star_expressions, disjunction and below)
 */
import { BINDS, type Node } from "./ast.ts";
import { Atoms } from "./parse-atom.ts";

const COMPARISONS = new Set(["==", "!=", "<", ">", "<=", ">="]);
/** Expressions in one another: signs and powers need no bracket, and the stack has an end. */
const DEEPEST = 1000;

/** The expression that a text is. */
export function parseExpression(text: string): Node {
  const parser = new Parser(text);
  return parser.whole();
}

class Parser extends Atoms {
  private depth = 0;

  whole(): Node {
    const node = this.list();
    while (this.token.kind === "line") this.at++;
    if (this.token.kind !== "end") throw this.bad("nothing after the expression");
    return node;
  }

  /** Expressions with commas between: a tuple where there is one. */
  protected list(): Node {
    const first = this.item();
    if (!this.is(",")) {
      if (first.kind === "starred") throw this.bad('","');
      return first;
    }
    const items = [first];
    while (this.skip(",") && !this.ends()) items.push(this.item());
    return { kind: "tuple", items };
  }

  protected item(): Node {
    return this.skip("*") ? { kind: "starred", of: this.binary(0) } : this.named();
  }

  /** `name := value` or an expression. */
  protected named(): Node {
    const walrus = this.token.kind === "name" && this.tokens[this.at + 1]?.text === ":=";
    if (!walrus) return this.expression();
    this.name();
    this.expect(":=");
    this.expression();
    return { kind: "other", what: "NamedExpr" };
  }

  protected expression(): Node {
    if (this.depth++ > DEEPEST) throw this.bad("expressions less deep");
    try {
      if (this.is("lambda")) return this.lambda();
      const node = this.disjunction();
      if (!this.skip("if")) return node;
      this.disjunction();
      this.expect("else");
      this.expression();
      return { kind: "other", what: "IfExp" };
    } finally {
      this.depth--;
    }
  }

  protected lambda(): Node {
    this.expect("lambda");
    while (!this.is(":")) {
      if (!this.skip("*") && !this.skip("**") && !this.skip("/")) this.name();
      if (this.skip("=")) this.expression();
      if (!this.skip(",")) break;
    }
    this.expect(":");
    this.expression();
    return { kind: "other", what: "Lambda" };
  }

  protected disjunction(): Node {
    const first = this.conjunction();
    if (!this.is("or")) return first;
    while (this.skip("or")) this.conjunction();
    return { kind: "other", what: "BoolOp" };
  }

  protected conjunction(): Node {
    const first = this.inversion();
    if (!this.is("and")) return first;
    while (this.skip("and")) this.inversion();
    return { kind: "other", what: "BoolOp" };
  }

  protected inversion(): Node {
    let count = 0;
    while (this.skip("not")) count++;
    let node = this.comparison();
    if (count > DEEPEST) throw this.bad("expressions less deep");
    for (; count > 0; count--) node = { kind: "unary", operator: "not", of: node };
    return node;
  }

  protected comparison(): Node {
    const first = this.binary(0);
    let compared = false;
    while (this.comparator()) {
      this.binary(0);
      compared = true;
    }
    return compared ? { kind: "other", what: "Compare" } : first;
  }

  protected comparator(): boolean {
    if (this.token.kind === "operator" && COMPARISONS.has(this.token.text)) {
      this.at++;
      return true;
    }
    if (this.skip("in")) return true;
    if (this.is("not") && this.tokens[this.at + 1]?.text === "in") {
      this.at += 2;
      return true;
    }
    if (!this.skip("is")) return false;
    this.skip("not");
    return true;
  }

  /** Operators that bind more tightly than `least`. */
  protected binary(least: number): Node {
    let left = this.signed();
    for (;;) {
      const operator = this.token.text;
      const binds = this.token.kind === "operator" ? (BINDS[operator] ?? 0) : 0;
      if (binds <= least) return left;
      this.at++;
      left = { kind: "binary", operator, left, right: this.binary(binds) };
    }
  }

  protected signed(): Node {
    if (this.depth++ > DEEPEST) throw this.bad("expressions less deep");
    try {
      for (const operator of ["+", "-", "~"] as const) {
        if (this.skip(operator)) return { kind: "unary", operator, of: this.signed() };
      }
      const awaited = this.skip("await");
      const base = this.primary();
      const node: Node = awaited ? { kind: "other", what: "Await" } : base;
      if (!this.skip("**")) return node;
      return { kind: "binary", operator: "**", left: node, right: this.signed() };
    } finally {
      this.depth--;
    }
  }
}
