/**
 * Parses what binds most tightly: names, constants, brackets of all kinds, and the calls, attributes and indices after them.
 *
 * source   CPython 3.11: Grammar/python.gram (primary, atom, args, slices)
 */
import type { Keyword, Node } from "./ast.ts";
import { Cursor } from "./cursor.ts";
import { PyOther, type PyValue } from "./value.ts";

const CONSTANTS: ReadonlyMap<string, PyValue> = new Map<string, PyValue>([
  ["None", null],
  ["True", true],
  ["False", false],
]);
export abstract class Atoms extends Cursor {
  /** An expression, starred or not. */
  protected abstract item(): Node;
  /** `name := value` or an expression. */
  protected abstract named(): Node;
  protected abstract expression(): Node;
  /** An expression without a condition. */
  protected abstract disjunction(): Node;
  /** Operators that bind more tightly than `least`. */
  protected abstract binary(least: number): Node;

  protected primary(): Node {
    let node = this.atom();
    for (;;) {
      if (this.skip(".")) node = { kind: "attribute", of: node, name: this.name() };
      else if (this.skip("(")) node = this.call(node);
      else if (this.skip("[")) node = this.subscript(node);
      else return node;
    }
  }

  protected call(of: Node): Node {
    const args: Node[] = [];
    const keywords: Keyword[] = [];
    while (!this.skip(")")) {
      this.argument(args, keywords);
      if (this.skip(")")) break;
      this.expect(",");
    }
    const generator = args.some((arg) => arg.kind === "other" && arg.what === "Generator");
    if (generator && args.length + keywords.length > 1) throw this.bad("a generator in brackets of its own");
    return { kind: "call", of, args, keywords };
  }

  protected argument(args: Node[], keywords: Keyword[]): void {
    if (this.skip("**")) {
      keywords.push({ name: undefined, value: this.expression() });
      return;
    }
    if (this.token.kind === "name" && this.tokens[this.at + 1]?.text === "=") {
      const name = this.name();
      this.expect("=");
      keywords.push({ name, value: this.expression() });
      return;
    }
    if (this.skip("*")) {
      if (keywords.some(({ name }) => name === undefined)) throw this.bad("no * after **");
      args.push({ kind: "starred", of: this.expression() });
      return;
    }
    if (keywords.length > 0) throw this.bad("no argument without a name after one with a name");
    const value = this.named();
    args.push(this.comprehension() ? { kind: "other", what: "Generator" } : value);
  }

  protected subscript(of: Node): Node {
    const parts = [this.slice()];
    let tuple = false;
    while (this.skip(",")) {
      tuple = true;
      if (!this.is("]")) parts.push(this.slice());
    }
    this.expect("]");
    if (parts.length === 1 && parts[0]!.kind === "starred") tuple = true;
    return { kind: "subscript", of, index: tuple ? { kind: "tuple", items: parts } : parts[0]! };
  }

  protected slice(): Node {
    if (this.is("]")) throw this.bad("an index");
    const first = this.is(":") ? undefined : this.item();
    if (!this.is(":")) return first!;
    const parts: (Node | undefined)[] = [first];
    while (parts.length < 3 && this.skip(":")) {
      parts.push(this.is(":") || this.is(",") || this.is("]") ? undefined : this.expression());
    }
    return { kind: "slice", parts };
  }

  /** Skips `for x in y if z`, where it is there. */
  protected comprehension(): boolean {
    let found = false;
    while (this.is("for") || this.is("async")) {
      this.skip("async");
      this.expect("for");
      this.targets();
      this.expect("in");
      this.disjunction();
      while (this.skip("if")) this.disjunction();
      found = true;
    }
    return found;
  }

  protected targets(): void {
    do {
      if (this.is("in")) return;
      this.skip("*");
      const target = this.primary();
      if (target.kind === "constant" || target.kind === "call") throw this.bad("a name to assign to");
    } while (this.skip(","));
  }

  protected atom(): Node {
    const { kind, text, value } = this.token;
    if (kind === "constant")
      return typeof value === "string" || value instanceof PyOther ? this.strings() : this.constant(value!);
    if (kind === "name" && CONSTANTS.has(text)) return this.constant(CONSTANTS.get(text)!);
    if (kind === "name") return { kind: "name", name: this.name() };
    if (this.is("...")) return this.constant(new PyOther("ellipsis", "..."));
    if (this.skip("(")) return this.group();
    if (this.skip("[")) return this.display("]", "list");
    if (this.skip("{")) return this.braces();
    throw this.bad("a value");
  }

  protected constant(value: PyValue): Node {
    this.at++;
    return { kind: "constant", value };
  }

  /** Strings that stand side by side are one. */
  protected strings(): Node {
    const values: PyValue[] = [];
    const isText = (value: PyValue | undefined) =>
      typeof value === "string" || (value instanceof PyOther && ["bytes", "f-string"].includes(value.type));
    if (!isText(this.token.value)) return this.constant(this.token.value!);
    while (this.token.kind === "constant" && isText(this.token.value)) {
      values.push(this.token.value!);
      this.at++;
    }
    const bytes = values.filter((value) => value instanceof PyOther && value.type === "bytes");
    if (bytes.length > 0 && bytes.length < values.length) throw this.bad("bytes and texts apart");
    if (values.some((value) => value instanceof PyOther && value.type === "f-string"))
      return { kind: "other", what: "JoinedStr" };
    const text = values.map((value) => (value instanceof PyOther ? value.text : String(value))).join("");
    return { kind: "constant", value: bytes.length > 0 ? new PyOther("bytes", text) : text };
  }

  protected group(): Node {
    if (this.skip(")")) return { kind: "tuple", items: [] };
    if (this.is("yield")) throw this.bad("a value");
    const first = this.item();
    if (this.comprehension()) {
      this.expect(")");
      return { kind: "other", what: "GeneratorExp" };
    }
    if (!this.is(",")) {
      this.expect(")");
      if (first.kind === "starred") throw this.bad("a value that can be starred here");
      return first;
    }
    const items = [first];
    while (this.skip(",") && !this.is(")")) items.push(this.item());
    this.expect(")");
    return { kind: "tuple", items };
  }

  protected display(close: "]" | "}", kind: "list" | "set"): Node {
    const items: Node[] = [];
    while (!this.skip(close)) {
      items.push(this.item());
      if (items.length === 1 && this.comprehension()) {
        this.expect(close);
        return { kind: "other", what: kind === "list" ? "ListComp" : "SetComp" };
      }
      if (this.skip(close)) break;
      this.expect(",");
    }
    return { kind, items };
  }

  protected braces(): Node {
    if (this.skip("}")) return { kind: "dict", items: [] };
    const start = this.at;
    const first = this.pair();
    if (first === undefined) {
      this.at = start;
      return this.display("}", "set");
    }
    if (this.comprehension()) {
      this.expect("}");
      return { kind: "other", what: "DictComp" };
    }
    const items = [first];
    while (this.skip(",") && !this.is("}")) {
      const pair = this.pair();
      if (pair === undefined) throw this.bad('":"');
      items.push(pair);
    }
    this.expect("}");
    return { kind: "dict", items };
  }

  protected pair(): readonly [Node | undefined, Node] | undefined {
    if (this.skip("**")) return [undefined, this.binary(0)];
    if (this.is("*")) return undefined;
    const key = this.named();
    return this.skip(":") ? [key, this.expression()] : undefined;
  }
}
