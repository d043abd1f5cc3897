/**
 * The library in a browser: a model that works in a worker, so that the page stays alive while it computes.
 *
 *   const model = await QwQ.load(input.files);
 *   for await (const event of model.generate("Why is the sky blue?")) ...
 *
 * The same reader, tokenizer, page and kernels as under Node. Threads need a page that is cross-origin isolated (headers
 * Cross-Origin-Opener-Policy: same-origin, Cross-Origin-Embedder-Policy: require-corp); without it there is one.
 *
 * @module
 */
import { UsageError } from "../errors.ts";
import type { Answer, AnswerEvent } from "../library/answer.ts";
import type { End } from "../library/look.ts";
import { collect, type ModelFiles, type OnFile } from "./collect.ts";
import { Line } from "./line.ts";
import type { Asked, Described, Loaded, Looked, Prompt } from "./messages.ts";

export type { ModelFiles, OnFile } from "./collect.ts";
export type { Asked, BackendName, Described, Looked, Prompt, Report } from "./messages.ts";
export type { Answer, AnswerEvent } from "../library/answer.ts";
export type { Deviation, End, Look } from "../library/look.ts";
export { FormatError, IoError, LimitError, QwqError, ShapeError, UsageError } from "../errors.ts";

/** How a model is loaded in a browser. */
export interface LoadOptions extends Omit<Loaded, "files"> {
  /** Told while files come over the network: bytes so far, and of how many (undefined where the server does not say). */
  readonly onFile?: OnFile | undefined;
  /** The worker's script; unless told, `model.js` beside this module. */
  readonly worker?: URL | string | undefined;
}

/** How a prompt is answered: as under Node, but for what cannot be sent to a worker. */
export interface AskOptions extends Asked {
  /** Ends the reply early, with reason "interrupted". */
  readonly signal?: AbortSignal | undefined;
  /** Told after each part how many of the prompt's tokens are read, and of how many. */
  readonly onPrompt?: ((done: number, total: number) => void) | undefined;
}

/** What a conversation has read, kept by the model that made it. */
export interface Memory {
  readonly number: number;
}

/** A model in a worker. */
export class QwQ {
  /** What was loaded, and on how many threads it runs. */
  readonly about: Described;
  private readonly line: Line;

  private constructor(line: Line, about: Described) {
    this.line = line;
    this.about = about;
  }

  /**
   * Loads a model: files that the user chose, blobs by name, or an address of a .gguf file or of a model's folder.
   *
   * throws   QwqError as `QwQ.load` under Node, and IoError E_IO_OPEN for an address that gives no file
   */
  static async load(model: ModelFiles, options: LoadOptions = {}): Promise<QwQ> {
    const { onFile, worker, ...rest } = options;
    const files = await collect(model, onFile);
    const line = new Line(
      worker === undefined
        ? new Worker(new URL("./model.js", import.meta.url), { type: "module" })
        : new Worker(worker, { type: "module" }),
    );
    try {
      return new QwQ(line, (await line.call({ method: "load", options: { ...rest, files } })) as Described);
    } catch (error) {
      line.end();
      throw error;
    }
  }

  /** Answers while you watch, as under Node. One prompt at a time. */
  async *generate(prompt: Prompt, options: AskOptions & { memory?: Memory } = {}): AsyncGenerator<AnswerEvent, void> {
    const { signal, onPrompt, memory, ...asked } = options;
    const call = { method: "generate", prompt, options: asked, memory: memory?.number } as const;
    for await (const event of this.line.events(call, signal)) {
      if (event.type === "reading") onPrompt?.(event.done, event.total);
      else yield event;
    }
  }

  /** The whole answer to a prompt. */
  async answer(prompt: Prompt, options: AskOptions & { memory?: Memory } = {}): Promise<Answer> {
    for await (const event of this.generate(prompt, options)) if (event.type === "end") return event;
    throw new UsageError("E_INTERNAL", "answer", { expected: "an end", actual: "none" });
  }

  /** Logits of ids, every row [T V]. */
  async forward(ids: ArrayLike<number>): Promise<Float32Array> {
    return (await this.line.call({ method: "forward", ids: Uint32Array.from(ids) })) as Float32Array;
  }

  /** Text to ids. */
  async encode(text: string): Promise<Uint32Array> {
    return (await this.line.call({ method: "encode", text })) as Uint32Array;
  }

  /** Ids to text. */
  async decode(ids: ArrayLike<number>): Promise<string> {
    return (await this.line.call({ method: "decode", ids: Uint32Array.from(ids) })) as string;
  }

  /** The ids that a prompt becomes, as `generate` reads them. */
  async promptIds(prompt: Prompt, options: Asked = {}): Promise<Uint32Array> {
    return (await this.line.call({ method: "prompt", prompt, options })) as Uint32Array;
  }

  /** The activations of a layer for a text of `ids`; with `compare`, how far each is from the reference's. */
  async look(ids: ArrayLike<number>, layer: number, compare = false): Promise<Looked> {
    return (await this.line.call({ method: "look", ids: Uint32Array.from(ids), layer, compare })) as Looked;
  }

  /** The embedding, the last norm and the logits of a text of `ids`. */
  async ends(ids: ArrayLike<number>): Promise<readonly End[]> {
    return (await this.line.call({ method: "ends", ids: Uint32Array.from(ids) })) as End[];
  }

  /** A memory for `generate`, empty: the next prompt that begins alike is not read again. */
  async remember(): Promise<Memory> {
    return { number: (await this.line.call({ method: "remember" })) as number };
  }

  /** Ends the worker and its threads, and gives their memory back. What is under way fails. */
  close(): void {
    this.line.end();
  }
}
