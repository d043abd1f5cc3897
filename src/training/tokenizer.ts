/**
 * The tokenizer of a model trained from nothing: QwQ-32B's pipeline, its 26 added tokens and its chat template, over merges
 * learnt from the tasks' own texts.
 *
 * Digits are single tokens, as in QwQ's: a sum is worked out digit by digit, and what is one step of thought should not
 * be hidden inside a token.
 */
import { readChatTemplate } from "../files/chat-template.ts";
import { EMBEDDED } from "../files/embedded.ts";
import { io } from "../files/io.ts";
import { renderKnown } from "../text/template.ts";
import { Tokenizer } from "../text/tokenizer.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import { ADDED_COUNT, addedTokens } from "./added-tokens.ts";
import { trainBpe } from "./bpe.ts";
import type { Span } from "./stages/lesson.ts";
import type { Dice } from "./tasks/dice.ts";
import type { Kind, Problem } from "./tasks/problem.ts";
import { problems } from "./tasks/problems.ts";

/** Ends the assistant's turn, and with it the reply. */
const END = "<|im_end|>";
/** Begins it. */
const OPENING = "<|im_start|>assistant\n";

/** What the merges are learnt from, and how many there are. */
export interface TokenizerOptions {
  /** Tokens in all: 256 bytes, the merges, the added tokens. */
  readonly size: number;
  readonly seed: number;
  /** Problems of each kind in the corpus. */
  readonly corpus: Readonly<Partial<Record<Kind, number>>>;
}

/** What the embedded reasoner's was made with: arithmetic first, and enough of the rest that its words are few tokens. */
export const REASONER: TokenizerOptions = {
  size: 512,
  seed: 1,
  corpus: { arithmetic: 1000, story: 500, program: 300, instruction: 500, tool: 60 },
};

/** A prompt and a reply as ids. */
export interface Encoded {
  /** Up to the `<think>\n` that opens the assistant's turn. */
  readonly prompt: Uint32Array;
  /** What is learnt: thoughts, answer and the token that ends the turn. */
  readonly reply: Uint32Array;
  /** Earlier turns of the model's in the prompt that are learnt too. */
  readonly spans: readonly Span[];
}

/** A tokenizer with its chat template. */
export class TaskTokenizer {
  readonly vocabulary: Vocabulary;
  /** The chat template's text. */
  readonly template: string;
  readonly tokenizer: Tokenizer;
  /** The id that ends a reply. */
  readonly end: number;

  constructor(vocabulary: Vocabulary, template: string) {
    this.vocabulary = vocabulary;
    this.template = template;
    this.tokenizer = new Tokenizer(vocabulary);
    this.end = this.tokenizer.id(END)!;
  }

  /** The prompt's ids: the conversation by the chat template, and the assistant's turn opened. */
  prompt(problem: Pick<Problem, "messages" | "tools">): Uint32Array {
    return this.tokenizer.encode(promptOf(problem, this.template));
  }

  /** A reply's ids and the end of the turn. It is encoded by itself, since the prompt's ids come first when it is drawn. */
  reply(text: string): Uint32Array {
    return Uint32Array.of(...this.tokenizer.encode(text), this.end);
  }

  /** A problem and its solution; with dice, a solution that goes wrong. */
  solved(problem: Problem, slip?: Dice): Encoded {
    const prompt = this.prompt(problem);
    const { learnt = [] } = problem;
    const turns = learnt.length === 0 ? [] : this.turns(prompt);
    return { prompt, reply: this.reply(problem.solution(slip)), spans: learnt.map((n) => turns[n]!) };
  }

  /** Where the assistant's turns stand in a prompt, each with the token that ends it. */
  private turns(prompt: Uint32Array): Span[] {
    const opening = this.tokenizer.encode(OPENING);
    const spans: Span[] = [];
    for (let at = 0; at + opening.length <= prompt.length; at++) {
      if (opening.some((id, i) => prompt[at + i] !== id)) continue;
      const [from, to] = [at + opening.length, prompt.indexOf(this.end, at) + 1];
      if (to > 0) spans.push([from, to]);
    }
    return spans;
  }

  /** The text of a reply's ids, without the end of the turn. */
  text(ids: Iterable<number>): string {
    return this.tokenizer.decode(ids, { skipSpecial: true });
  }
}

/** The tokenizer that a corpus of training problems teaches: the same from the same options. */
export function trainTokenizer(options: TokenizerOptions): TaskTokenizer {
  const template = qwqTemplate();
  const { tokens, merges } = trainBpe(corpusOf(options, template), options.size - ADDED_COUNT);
  const added = addedTokens(tokens.length);
  const vocabulary: Vocabulary = { tokens, merges, added, pattern: "qwen2", nfc: true };
  return new TaskTokenizer(vocabulary, template);
}

/** QwQ-32B's chat template, which the embedded model has. */
function qwqTemplate(): string {
  return readChatTemplate(EMBEDDED, new Set(io().readdirSync(EMBEDDED)))!;
}

/** The conversations with their solutions, cut at the added tokens, which the merges never see. */
export function* corpusOf({ corpus, seed }: TokenizerOptions, template: string = qwqTemplate()): Generator<string> {
  const contents = addedTokens(0).map(({ content }) => content.replace(/[|/]/g, "\\$&"));
  const tags = new RegExp(contents.join("|"));
  for (const [kind, count = 0] of Object.entries(corpus) as [Kind, number?][]) {
    const source = problems(kind, "train", seed);
    for (let i = 0; i < count; i++) {
      const problem = source.next().value;
      yield* (promptOf(problem, template) + problem.solution()).split(tags);
    }
  }
}

function promptOf({ messages, tools }: Pick<Problem, "messages" | "tools">, template: string): string {
  return renderKnown(template, { messages, tools, addGenerationPrompt: true });
}
