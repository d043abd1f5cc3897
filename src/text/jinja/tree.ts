/**
 * A template's syntax tree, as @huggingface/jinja parses it. Its package exports the parser but not the types of the
 * nodes, so they are written down here.
 */
import { parse, tokenize } from "@huggingface/jinja";
import { FormatError, LimitError } from "../../errors.ts";
import { quote } from "../../json/quote.ts";

/** An operator's token. */
interface Operator {
  readonly value: string;
}

export interface Identifier {
  readonly type: "Identifier";
  readonly value: string;
}

export interface KeywordArgument {
  readonly type: "KeywordArgumentExpression";
  readonly key: Identifier;
  readonly value: Expression;
}

export interface Call {
  readonly type: "CallExpression";
  readonly callee: Expression;
  readonly args: readonly Argument[];
}

export interface Slice {
  readonly type: "SliceExpression";
  readonly start?: Expression;
  readonly stop?: Expression;
  readonly step?: Expression;
}

export interface Member {
  readonly type: "MemberExpression";
  readonly object: Expression;
  readonly property: Expression | Slice;
  /** `a[b]`, where `a.b` is not. */
  readonly computed: boolean;
}

/** `value if test` with no else: the value or undefined; after a loop's `in`, a filter on the elements. */
export interface Select {
  readonly type: "SelectExpression";
  readonly lhs: Expression;
  readonly test: Expression;
}

export interface Sequence {
  readonly type: "ArrayLiteral" | "TupleLiteral";
  readonly value: readonly Expression[];
}

export type Argument =
  | Expression
  | KeywordArgument
  | { readonly type: "SpreadExpression"; readonly argument: Expression }
  | { readonly type: "KeywordSpreadExpression"; readonly argument: Expression };

export type Expression =
  | Identifier
  | { readonly type: "IntegerLiteral" | "FloatLiteral"; readonly value: number }
  | { readonly type: "StringLiteral"; readonly value: string }
  | Sequence
  | { readonly type: "ObjectLiteral"; readonly value: ReadonlyMap<Expression, Expression> }
  | Binary
  | { readonly type: "UnaryExpression"; readonly operator: Operator; readonly argument: Expression }
  | Filter
  | {
      readonly type: "TestExpression";
      readonly operand: Expression;
      readonly negate: boolean;
      readonly test: Identifier;
    }
  | {
      readonly type: "Ternary";
      readonly condition: Expression;
      readonly trueExpr: Expression;
      readonly falseExpr: Expression;
    }
  | Select
  | Member
  | Call;

export interface Binary {
  readonly type: "BinaryExpression";
  readonly operator: Operator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Filter {
  readonly type: "FilterExpression";
  readonly operand: Expression;
  /** A name or a call of one; the parser takes anything: `a | f(1).b`, which Jinja2 refuses. */
  readonly filter: Expression;
}

export interface For {
  readonly type: "For";
  readonly loopvar: Identifier | Sequence;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
  /** The `else` of a loop that had nothing to loop over. */
  readonly defaultBlock: readonly Statement[];
}

export interface SetStatement {
  readonly type: "Set";
  readonly assignee: Expression;
  readonly value: Expression | null;
  readonly body: readonly Statement[];
}

/** A macro's or call block's parameter, with its default. */
export type Parameter = Identifier | KeywordArgument;

export interface Macro {
  readonly type: "Macro";
  readonly name: Identifier;
  readonly args: readonly Parameter[];
  readonly body: readonly Statement[];
}

export interface CallBlock {
  readonly type: "CallStatement";
  readonly call: Call;
  readonly callerArgs: readonly Parameter[] | null;
  readonly body: readonly Statement[];
}

/** An expression among statements is printed. */
export type Statement =
  | Expression
  | {
      readonly type: "If";
      readonly test: Expression;
      readonly body: readonly Statement[];
      readonly alternate: readonly Statement[];
    }
  | For
  | SetStatement
  | Macro
  | CallBlock
  | { readonly type: "FilterStatement"; readonly filter: Expression; readonly body: readonly Statement[] }
  | { readonly type: "Break" | "Continue" | "Comment" };

/**
 * Parses a chat template with Hugging Face's settings: trim_blocks, lstrip_blocks, and no newline kept at the end.
 *
 * throws   FormatError E_TPL_SYNTAX; LimitError E_TPL_DEPTH where it nests deeper than the stack is
 */
export function parseTemplate(template: string): readonly Statement[] {
  try {
    const program = parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true }));
    return program.body as unknown as readonly Statement[]; // the package does not export its nodes' types
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError("E_TPL_SYNTAX", "chat template", {
      expected: "a Jinja template",
      // The parser says nothing better where it runs past the end.
      actual: cause instanceof TypeError ? "one that ends in the midst of an expression" : quote(message),
      hint: "Compare it with the model's own template.",
      cause,
    });
  }
}

/** The error for a template that nests, or a macro that calls itself, deeper than the stack is. */
export function tooDeep(): LimitError {
  return new LimitError("E_TPL_DEPTH", "chat template", {
    expected: "a nesting that a prompt can need",
    actual: "one deeper than the stack",
    hint: "The template is broken or hostile; use the model's own.",
  });
}
