/**
 * Before a command acts: the models that it names, where they are names on a hub and not on this computer, are
 * downloaded. What exists as a path is that path, and nobody is asked.
 */
import type { Command } from "commander";
import { IoError } from "../errors.ts";
import {
  cacheFolder,
  type CacheEnvironment,
  holds,
  type Need,
  parseHubId,
  snapshotFolder,
} from "../files/hub-cache.ts";
import { io } from "../files/io.ts";
import { note } from "./terminal.ts";
import { byteSize } from "./units.ts";

interface Options {
  readonly model?: string;
  readonly against?: string;
  readonly layers?: string;
  readonly layer?: number;
  readonly offline?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Commands that can do with less than the whole model. */
const LESS: Readonly<Record<string, Need>> = {
  tokenize: "text",
  detokenize: "text",
  template: "text",
  plan: "config",
  invariants: "config",
  tokens: "text",
  probe: "text",
  lint: "text",
};
/** Commands that need no more than the layers that they are told. */
const JUDGES = ["replay", "diagnose"];
/** Commands whose first argument is a model. */
const BY_ARGUMENT = ["plan", "inspect", "verify", "quantize"];
/** Names of files, not of repositories. */
const FILE = /\.(gguf|safetensors|json|bin|pt|pth|txt)$/i;

/** Adds `--offline` to a command that names a model. */
export function withOffline(command: Command): void {
  const names = BY_ARGUMENT.includes(command.name()) || command.options.some(({ long }) => long === "--model");
  if (names) command.option("--offline", "never look for a model on a hub");
}

/** Throws as `fetchModel` and `fetchLayers`. */
export async function fetchModels(command: Command): Promise<void> {
  const options = command.opts<Options>();
  const list = options.layers ?? (options.layer === undefined ? undefined : `${options.layer}`);
  if (JUDGES.includes(command.name()) && list !== undefined && options.model !== undefined) {
    command.setOptionValue("model", await fetchLayers(options.model, list, options));
    return;
  }
  const argument = BY_ARGUMENT.includes(command.name()) ? command.args[0] : undefined;
  for (const model of [argument, options.model, options.against]) {
    if (model !== undefined) await fetchModel(model, LESS[command.name()] ?? "model", options);
  }
}

/**
 * Downloads a model if it must and may be; that of a path, of one on disk or of none, `--offline` or HF_HUB_OFFLINE is
 * left to whoever opens it.
 *
 * throws   as `download`; IoError E_IO_OPEN where no hub can be reached; Interrupted
 */
export async function fetchModel(
  model: string,
  need: Need,
  options: Options,
  env: CacheEnvironment = process.env,
): Promise<void> {
  const id = parseHubId(model);
  if (id === undefined || FILE.test(model) || exists(model)) return;
  const folder = snapshotFolder(id, cacheFolder(env));
  if ((folder !== undefined && holds(folder, need)) || options.offline === true || isOffline(env)) return;
  const { endpointOf, amounts, downloading } = await hub();
  const endpoint = endpointOf(env);
  const say = options.quiet === true ? () => undefined : note;
  say(`${model} is no path here; looking for it on ${endpoint}.`);
  try {
    const made = await downloading(model, { need, env }, options.quiet === true);
    say(`Downloaded ${amounts(made)}.`);
  } catch (error) {
    if (!(error instanceof IoError) || error.code !== "E_NET_UNREACHABLE") throw error;
    if (folder === undefined) throw nowhere(model, endpoint, error);
    say(error.message); // some of it is here, and may do
  }
}

/**
 * Where the layers of a model are: what `model` names, if that is here; else a folder into which these alone are fetched.
 * What will be fetched is said first.
 *
 * throws   as `downloadLayers`; UsageError E_ARG_LAYERS; IoError E_IO_OPEN where no hub can be reached; Interrupted
 */
async function fetchLayers(model: string, list: string, options: Options): Promise<string> {
  const env: CacheEnvironment = process.env;
  const id = parseHubId(model);
  if (id === undefined || FILE.test(model) || exists(model)) return model;
  const folder = snapshotFolder(id, cacheFolder(env));
  if ((folder !== undefined && holds(folder, "model")) || options.offline === true || isOffline(env)) return model;
  const { endpointOf, fetchingLayers, chosenLayers } = await hub();
  const endpoint = endpointOf(env);
  const onPlan = (bytes: number, of: number, layers: ReadonlySet<number>) => {
    const all = [...layers].join(", ");
    if (options.quiet !== true) note(`Fetches layer ${all} of ${model}: ${byteSize(bytes)} of ${byteSize(of)}.`);
  };
  try {
    const layers = (count: number) => chosenLayers(list, count);
    return await fetchingLayers(model, { layers, onPlan, env }, options.quiet === true);
  } catch (error) {
    if (!(error instanceof IoError) || error.code !== "E_NET_UNREACHABLE") throw error;
    throw nowhere(model, endpoint, error);
  }
}

/** What fetches, read when there is something to fetch: most commands have their model here. */
async function hub() {
  const [{ serviceOf }, { chosenLayers }, downloads] = await Promise.all([
    import("../hub/service.ts"),
    import("../oracle/select.ts"),
    import("./downloading.ts"),
  ]);
  return { ...downloads, chosenLayers, endpointOf: (env: CacheEnvironment) => serviceOf({}, env).endpoint };
}

function nowhere(model: string, endpoint: string, { actual }: IoError): IoError {
  return new IoError("E_IO_OPEN", model, {
    expected: `a model's folder or file, or a model on ${endpoint}`,
    actual: `no such path, and no such hub (${actual!})`,
    hint: "Check the path, or the network.",
  });
}

/** As huggingface_hub reads it. */
function isOffline(env: CacheEnvironment): boolean {
  return /^(1|on|yes|true)$/i.test(env["HF_HUB_OFFLINE"] ?? "");
}

function exists(path: string): boolean {
  try {
    return io().statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true; // there is something, which whoever opens it will tell
  }
}
