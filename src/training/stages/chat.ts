/** Between text and ids, in QwQ's chat format: a prompt that opens a thought, a reply that ends it and answers. */
import { Tokenizer } from "../../text/tokenizer.ts";
import { renderKnown } from "../../text/template.ts";
import type { Vocabulary } from "../../text/vocabulary.ts";
import { stopIds } from "../export.ts";
import type { Problem } from "../tasks/problem.ts";

/** A tokenizer and a template, as `qwq run` will use them. */
export class Chat {
  readonly tokenizer: Tokenizer;
  /** The ids that end a reply. */
  readonly stop: readonly number[];
  private readonly template: string;
  private readonly prompts = new WeakMap<object, Uint32Array>();

  /** Throws as Tokenizer does; UsageError E_TRAIN_TOKENIZER where no token ends a reply. */
  constructor(vocabulary: Vocabulary, template: string) {
    this.tokenizer = new Tokenizer(vocabulary);
    this.stop = stopIds(vocabulary);
    this.template = template;
  }

  /** `<|im_start|>user\n ... <|im_end|>\n<|im_start|>assistant\n<think>\n`, by the template; the same array each time. */
  prompt(problem: Pick<Problem, "messages" | "tools">): Uint32Array {
    const known = this.prompts.get(problem);
    if (known !== undefined) return known;
    const { messages, tools } = problem;
    const ids = this.tokenizer.encode(renderKnown(this.template, { messages, tools, addGenerationPrompt: true }));
    this.prompts.set(problem, ids);
    return ids;
  }

  /** A solution as it should be written, with the token that ends it. */
  reply(solution: string): Uint32Array {
    return Uint32Array.of(...this.tokenizer.encode(solution), this.stop[0]!);
  }

  /** What a reply says, without the token that ends it. Other special tokens stay: a verifier should see them. */
  text(ids: Uint32Array): string {
    const last = ids.at(-1);
    return this.tokenizer.decode(last !== undefined && this.stop.includes(last) ? ids.subarray(0, -1) : ids);
  }
}
