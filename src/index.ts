/**
 * QwQ-32B in TypeScript: the library.
 *
 * `QwQ` loads a model and answers. Below it, each part can be used alone: the page (`block`, `hidden`, `forward`) over a
 * backend (`Ops`), checkpoints, tokenizer, chat templates, sampling, and the taps of the oracle. Beside it: `serve`, `runAgent`,
 * `Run` (a benchmark) and `graderOf`.
 *
 * @module
 */
export { type AskOptions, type Encoded, type LoadOptions, type Prompt, QwQ } from "./library/qwq.ts";
export type { PromptOptions } from "./library/prompts.ts";
export type { Answer, AnswerEvent, PromptToken, Timings, TokenEvent } from "./library/answer.ts";
export type { Budget, Machine, RunBytes } from "./library/budget.ts";
export type { Memory } from "./library/memory.ts";

export { type Activations, block, forward, hidden, type Observe } from "./model.ts";
export type { CacheFormat, LayerCache, Ops } from "./ops.ts";
export type { Layer, Weights } from "./weights.ts";
export {
  type AnyTensor,
  type GroupBlocks,
  host,
  type Host,
  isHost,
  isStored,
  type Stored,
  type Tensor,
  zeros,
} from "./tensor.ts";
export { type Config, QWQ_32B, type Rope, type Yarn } from "./config.ts";
export { type ErrorDetails, FormatError, IoError, LimitError, QwqError, ShapeError, UsageError } from "./errors.ts";
export { reference } from "./reference/index.ts";
export { frequencies, type Frequencies } from "./reference/frequencies.ts";

export { Checkpoint, type CheckpointOptions, openCheckpoint } from "./files/checkpoint.ts";
export type { Gguf, GgufMetadata, GgufValue } from "./files/gguf.ts";
export { type Json, JsonNumber, type JsonObject } from "./json/json.ts";
export type { AheadOptions } from "./files/ahead.ts";
export type { Way } from "./files/open-source.ts";
export type { Packing } from "./files/quantization.ts";
export type { Course, TensorInfo, WeightSource } from "./files/source.ts";
export type { GenerationConfig } from "./files/generation.ts";
export type { SpecialTokens } from "./files/special-tokens.ts";
export { type Download, download, type DownloadedFile, type DownloadOptions } from "./hub/download.ts";
export type { World } from "./hub/persist.ts";
export type { Protocol } from "./hub/service.ts";
export type { Need } from "./files/hub-cache.ts";
export { EMBEDDED, EMBEDDED_MODELS, type EmbeddedModel, type EmbeddedName } from "./files/embedded.ts";

export { type DecodeOptions, type EncodeOptions, Tokenizer, type TokenStream } from "./text/tokenizer.ts";
export type { AddedToken, Vocabulary } from "./text/vocabulary.ts";
export type { Limits } from "./text/template-process.ts";
export { knownTemplate, type KnownTemplate, opensThought, renderChat, renderKnown } from "./text/template.ts";
export { conversationFromJson, type Content, type Conversation, type Message } from "./text/messages.ts";
export {
  parseReply,
  type Reply,
  type ReplyEvent,
  type ReplyOptions,
  ReplyParser,
  type ToolCall,
} from "./text/reply.ts";

export { type End, type EndReason, generate, type GenerateOptions, type Token } from "./generate/generate.ts";
export { type Likely, type Steering, steeredBy } from "./generate/steering.ts";
export type { ThoughtLimit } from "./generate/thoughts.ts";
export { distribution, type Distribution, QWQ_DEFAULTS, type Sampling } from "./generate/sampling.ts";
export { draw, Random, type State } from "./generate/random.ts";
export { type Loop, LoopDetector } from "./generate/repetition.ts";
export { accepts, Automaton, type Stack, type State as AutomatonState } from "./grammar/automaton.ts";
export { Constraint, Grammar, type ThoughtTags } from "./grammar/constraint.ts";
export type { ByteSet, Expression } from "./grammar/expression.ts";
export { schemaLanguage } from "./grammar/schema.ts";
export { type Mask, TokenBytes } from "./grammar/tokens.ts";

/* An agent: a model, its tools, and the loop between them. */
export {
  type AgentEvent,
  type AgentLimits,
  type AgentOptions,
  type End as AgentEnd,
  type Outcome as AgentOutcome,
  type Reply as AgentReply,
  runAgent,
} from "./agent/agent.ts";
export { type Arguments, type Schema, type Tool, ToolError } from "./agent/tool.ts";
export {
  type Outcome as CallOutcome,
  type Result as CallResult,
  Toolbox,
  type ToolboxLimits,
} from "./agent/toolbox.ts";
export { calculator } from "./agent/tools/calculator.ts";
export { code as codeTool, type CodeOptions } from "./agent/tools/code.ts";
export { files as fileTools } from "./agent/tools/files.ts";
export { mcp as mcpTools, type McpServer } from "./agent/tools/mcp.ts";
export { web as webTool } from "./agent/tools/web.ts";
export type { Protection } from "./verify/client.ts";

/* Who answers: the model here, or a server; benchmarks, their graders, and the server itself. */
export { type Drawing, QWQ_DRAWING, type Question, type Responder, type Said } from "./ask/responder.ts";
export { LocalResponder, type LocalSettings } from "./ask/local.ts";
export { ServerResponder, type ServerSettings } from "./ask/server.ts";
export { serve, type Serving, type ServingOptions } from "./serve/serve.ts";
export type { ServeOptions } from "./serve/server.ts";
export { answerText, type Grade, type Grader } from "./verify/grader.ts";
export type { CountedGrade, RowGrader } from "./eval/grader.ts";
export { graderOf } from "./eval/graders.ts";
export { type Bench, benchOf } from "./eval/benches.ts";
export type { Asking } from "./eval/ask-all.ts";
export type { Data } from "./eval/data.ts";
export type { Estimated, Price } from "./eval/estimate.ts";
export type { Problem, Row, Sample } from "./eval/problem.ts";
export type { Metric, ProblemResult, Report as EvalReport } from "./eval/report.ts";
export { gradeFile, type Plan, type Problems, problemsFor, Run } from "./eval/run.ts";
export type { Settings as RunSettings } from "./eval/settings.ts";
export { type Estimate, meanOf, type Spread } from "./eval/statistics.ts";
export { passAtK } from "./verify/pass-at-k.ts";
export type { Store } from "./eval/store.ts";

export { type Flaw, flawsOfReply, textLoop } from "./verify/flaws.ts";
export { type Detect, languageMixing, type Mixing, type Stretch } from "./verify/mixing.ts";

export { dimsOf, LAYER_TAPS, recordTaps, type RecordOptions, type Tap, tapNames } from "./oracle/taps.ts";
export { Bundle, openBundle } from "./oracle/bundle-read.ts";
export {
  type BundleHead,
  type BundleTap,
  type Manifest,
  type ModelIdentity,
  type SketchKind,
  type TapEntry,
  type TapStats,
  writeBundle,
} from "./oracle/bundle.ts";
export { record, type RecordingOptions } from "./oracle/record.ts";
export { compareBundles, type CompareOptions } from "./oracle/compare.ts";
export { replay, type ReplayOptions } from "./oracle/replay.ts";
export { type Budget as OracleBudget, type BudgetEntry, budgetText, readBudget } from "./oracle/budget.ts";
export type { Bounds, ByBounds, ByNoise, Measure, MeasureOptions } from "./oracle/measure.ts";
export { diagnose, type DiagnoseOptions } from "./oracle/diagnose.ts";
export { measureNoise, type NoiseOptions } from "./oracle/noise.ts";
export type { Noise, TapNoise } from "./oracle/noise-file.ts";
export type { KvFormat, Ties } from "./oracle/numbers/kv.ts";
export type { WeightsOption } from "./oracle/numbers/quantised.ts";
export { POLICIES, type Policy, policyOf, type Computing } from "./oracle/numbers/policies.ts";
export type { Rounding } from "./oracle/numbers/formats.ts";
export type {
  Coverage,
  First,
  Lean,
  NotFinite,
  Report,
  RowResult,
  Suspect,
  TapResult,
  ValuePair,
  Verdict,
} from "./oracle/report.ts";
export { klOf, type KlReport, type KlRow } from "./oracle/kl.ts";
export { planRecording, type PlanOptions, type PlannedTap, type RecordingPlan } from "./oracle/plan.ts";
export { compareWeights, type WeightsOptions } from "./oracle/weights/compare.ts";
export { engineChecks, type EngineOptions } from "./oracle/invariants/engine.ts";
export { tapChecks } from "./oracle/invariants/taps.ts";
export type { Check, Checks, Outcome } from "./oracle/checks.ts";
export type { Naming } from "./files/names.ts";
export type { Ask } from "./oracle/text/compare.ts";
