/** What a reply must look like, as data; and the grammars of a model, kept from one request to the next. */
import { callsLanguage } from "../grammar/calls.ts";
import { Grammar } from "../grammar/constraint.ts";
import { choice, type Expression } from "../grammar/expression.ts";
import { OBJECT_LANGUAGE, schemaLanguage } from "../grammar/schema.ts";
import { TokenBytes } from "../grammar/tokens.ts";
import { type JsonObject, readJson } from "../json/json.ts";
import { writeJson } from "../json/write.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type ChatRequest, nameOf } from "./chat-request.ts";

/** An answer of this form, or calls of these tools. Schemas are JSON texts, which can be sent and compared. */
export interface Shape {
  readonly answer: "none" | "object" | { readonly schema: string };
  readonly tools: readonly { readonly name: string; readonly parameters: string | undefined }[];
  /** Whether there may be several calls. */
  readonly several: boolean;
}

/** What a request asks of its replies; undefined where any text will do. */
export function shapeOf({ format, tools, mustCall, parallel }: ChatRequest): Shape | undefined {
  if (mustCall === false && format.type === "text") return undefined;
  const named = tools.filter((tool) => typeof mustCall === "boolean" || nameOf(tool) === mustCall);
  return {
    answer:
      mustCall !== false ? "none" : format.type === "json_schema" ? { schema: writeJson(format.schema) } : "object",
    tools: named.map((tool) => ({ name: nameOf(tool), parameters: parametersOf(tool) })),
    several: parallel && typeof mustCall === "boolean",
  };
}

function parametersOf(tool: JsonObject): string | undefined {
  const parameters = (tool.get("function") as JsonObject).get("parameters");
  return parameters === undefined || parameters === null ? undefined : writeJson(parameters);
}

/** The language of a shape. Throws UsageError E_SCHEMA where a schema cannot be followed. */
export function languageOf({ answer, tools, several }: Shape): Expression {
  const callable = tools.map(({ name, parameters }) => ({
    name,
    parameters: parameters === undefined ? undefined : readJson(parameters, name, { depth: 128 }),
  }));
  const calls = callable.length === 0 ? [] : [callsLanguage(callable, several)];
  if (answer === "none") return choice(...calls);
  if (answer === "object") return choice(OBJECT_LANGUAGE, ...calls);
  return choice(schemaLanguage(readJson(answer.schema, "schema", { depth: 128 })), ...calls);
}

/** Grammars that are kept. */
const MOST_GRAMMARS = 16;

export class Grammars {
  private readonly tokenizer: Tokenizer;
  private readonly kept = new Map<string, Grammar>();
  private tokens: TokenBytes | undefined;

  constructor(tokenizer: Tokenizer) {
    this.tokenizer = tokenizer;
  }

  of(shape: Shape): Grammar {
    const key = JSON.stringify(shape);
    const grammar = this.kept.get(key) ?? this.make(shape);
    this.kept.delete(key);
    this.kept.set(key, grammar);
    if (this.kept.size > MOST_GRAMMARS) this.kept.delete(this.kept.keys().next().value!);
    return grammar;
  }

  private make(shape: Shape): Grammar {
    this.tokens ??= new TokenBytes(this.tokenizer);
    return new Grammar(languageOf(shape), this.tokenizer, this.tokens);
  }
}
