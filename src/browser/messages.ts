/** What page and worker say to each other. */
import type { SentError } from "../errors.ts";
import type { AnswerEvent } from "../library/answer.ts";
import type { AskOptions as NodeAskOptions } from "../library/qwq.ts";
import type { Deviation, Look } from "../library/look.ts";
import type { CacheFormat } from "../ops.ts";
import type { Message } from "../text/messages.ts";

export { received, sent } from "../errors.ts";

/** A user's turn, a whole conversation, or ids as they are. */
export type Prompt = string | readonly Message[] | Uint32Array;

/** How a prompt is answered, as far as it can be sent. */
export type Asked = Omit<NodeAskOptions, "signal" | "onPrompt" | "memory" | "steering">;

/** Where the equations can run. "auto" takes a GPU where there is one, else WebAssembly. */
export type BackendName =
  "auto" | "wgsl" | "gpujs:webgpu" | "gpujs:webgl2" | "gpujs:webgl" | "gpujs:webasm" | "wasm" | "reference";

/** What was asked for, and what runs. */
export interface Report {
  readonly requested: string;
  readonly mode: string;
  /** The GPU's name, as far as the browser tells it; undefined where none is used. */
  readonly adapter: string | undefined;
  /** Whether the processor does the work. */
  readonly software: boolean;
  /** Why it is this one, where that was not said. */
  readonly reason: string | undefined;
  readonly threads: number;
  /** Whether relaxed SIMD multiplies. */
  readonly relaxed: boolean;
}

/** A layer's activations, and, where asked for, how far they are from the reference's. */
export interface Looked {
  readonly looks: readonly Look[];
  readonly deviations: readonly Deviation[] | undefined;
}

/** A file of the model, by its name. */
export interface NamedFile {
  readonly name: string;
  readonly blob: Blob;
}

/** How a model is loaded. */
export interface Loaded {
  readonly files: readonly NamedFile[];
  /** "wasm" unless told. */
  readonly backend?: BackendName | undefined;
  /** As many as the machine runs at once unless told; one where the page is not cross-origin isolated. */
  readonly threads?: number | undefined;
  /** How activations meet quantised weights; "int8" unless told. */
  readonly activations?: "f32" | "int8" | undefined;
  /** Whether to use relaxed SIMD where the browser has it; not unless told, since it is slower. */
  readonly relaxed?: boolean | undefined;
  readonly context?: number | undefined;
  readonly kv?: CacheFormat | undefined;
  /** How many bytes of weights stay in memory; all of them as far as the browser says that there is room. */
  readonly pinBytes?: number | undefined;
}

/** What was loaded. */
export interface Described {
  readonly backend: string;
  readonly threads: number;
  /** Whether relaxed SIMD multiplies. */
  readonly relaxed: boolean;
  /** What was asked for, and what runs. */
  readonly report: Report;
  readonly context: number;
  readonly layers: number;
  readonly channels: number;
  readonly vocabulary: number;
  readonly warnings: readonly string[];
}

export type Call =
  | { readonly method: "load"; readonly options: Loaded }
  | {
      readonly method: "generate";
      readonly prompt: Prompt;
      readonly options: Asked;
      readonly memory: number | undefined;
    }
  | { readonly method: "forward"; readonly ids: Uint32Array }
  | { readonly method: "encode"; readonly text: string }
  | { readonly method: "decode"; readonly ids: Uint32Array }
  | { readonly method: "remember" }
  | { readonly method: "prompt"; readonly prompt: Prompt; readonly options: Asked }
  | { readonly method: "look"; readonly ids: Uint32Array; readonly layer: number; readonly compare: boolean }
  | { readonly method: "ends"; readonly ids: Uint32Array }
  | { readonly method: "stop"; readonly call: number };

/** A call with its number, which every reply to it bears. */
export type Order = Call & { readonly number: number };

/** What comes of a generate besides its end. */
export type Event = AnswerEvent | { readonly type: "reading"; readonly done: number; readonly total: number };

export type Said = { readonly number: number } & (
  { readonly event: Event } | { readonly value: unknown } | { readonly error: SentError }
);
