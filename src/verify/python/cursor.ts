/** A place in the tokens of a Python expression. */
import { syntax, type Token, tokenize } from "./tokenize.ts";

const KEYWORDS = new Set(
  "and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield None True False".split(
    " ",
  ),
);
export class Cursor {
  protected readonly text: string;
  protected readonly tokens: readonly Token[];
  protected at = 0;

  constructor(text: string) {
    this.text = text;
    this.tokens = tokenize(text);
  }

  protected get token(): Token {
    return this.tokens[this.at]!;
  }

  /** Whether the next token is this operator or keyword. */
  protected is(text: string): boolean {
    const { kind, text: own } = this.token;
    return own === text && (kind === "operator" || (kind === "name" && KEYWORDS.has(text)));
  }

  protected skip(text: string): boolean {
    const found = this.is(text);
    if (found) this.at++;
    return found;
  }

  protected expect(text: string): void {
    if (!this.skip(text)) throw this.bad(`"${text}"`);
  }

  protected bad(expected: string): Error {
    return syntax(expected, this.text, this.token.at);
  }

  protected ends(): boolean {
    return (
      [")", "]", "}", ":", "="].some((mark) => this.is(mark)) || this.token.kind === "end" || this.token.kind === "line"
    );
  }

  protected name(): string {
    const { kind, text } = this.token;
    if (kind !== "name" || KEYWORDS.has(text)) throw this.bad("a name");
    this.at++;
    return text;
  }
}
