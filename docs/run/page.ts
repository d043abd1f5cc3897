/** The page: a model, its answer, and what goes on inside. */
import { type Answer, type BackendName, type Described, type ModelFiles, QwQ } from "../../src/browser/index.ts";
import { dropped, ofModel } from "./dropped.ts";
import { EMBEDDED } from "./embedded.ts";
import { Inside } from "./inside.ts";
import { NO_MODEL, sentence } from "./sentences.ts";

const at = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const [go, stop, rate] = [at<HTMLButtonElement>("go"), at<HTMLButtonElement>("stop"), at("rate")];
const backend = at<HTMLSelectElement>("backend");

let model: QwQ | undefined;
let chosen: ModelFiles | undefined;
let stopping: AbortController | undefined;
/** Counts loads, so that one that was overtaken says nothing. */
let turn = 0;

const inside = new Inside(at, (error) => say("", error));

function say(text: string, error?: unknown): void {
  at("status").textContent = text;
  at("error").textContent = error === undefined ? "" : typeof error === "string" ? error : sentence(error);
}

/** Loads what was chosen, on the backend that is selected. */
async function load(): Promise<boolean> {
  const mine = ++turn;
  stopping?.abort();
  model?.close();
  model = undefined;
  go.disabled = true;
  inside.clear();
  say("Loading ...");
  try {
    const files = chosen ?? (await embedded());
    const onFile = (name: string, done: number) => say(`${name}: ${(done / 1e6).toFixed(1)} MB`);
    const loaded = await QwQ.load(files, { backend: backend.value as BackendName, onFile });
    if (mine !== turn) {
      loaded.close();
      return false;
    }
    model = loaded;
    describe(model.about);
    say(model.about.warnings.join(" "));
    go.disabled = false;
    return true;
  } catch (error) {
    if (mine === turn) say("", error);
    return false;
  }
}

async function embedded(): Promise<Record<string, Blob>> {
  const blobs = EMBEDDED.map(async (name) => [name, await (await fetch(`model/${name}`)).blob()] as const);
  return Object.fromEntries(await Promise.all(blobs));
}

/** What runs, in words. */
function describe({ report, layers, channels, vocabulary, context }: Described): void {
  const { requested, mode, adapter, software, reason, threads, relaxed } = report;
  const speed =
    mode === "wasm" ? `, ${threads} thread${threads === 1 ? "" : "s"}${relaxed ? ", relaxed SIMD" : ""}` : "";
  const alone =
    mode === "wasm" && !crossOriginIsolated ? "this page is not cross-origin isolated, so there is one thread" : "";
  const facts: Readonly<Record<string, string>> = {
    "asked for": requested,
    runs: `${mode}${speed}`,
    adapter: adapter === undefined ? "" : `${adapter}${software ? " (a program, no GPU)" : ""}`,
    because: [reason ?? "", alone].filter((part) => part !== "").join("; "),
    model: `${layers} layers of ${channels} channels, ${vocabulary} tokens, context ${context}`,
  };
  at("runs").replaceChildren(
    ...Object.entries(facts)
      .filter(([, text]) => text !== "")
      .flatMap(([name, text]) => [element("dt", name), element("dd", text)]),
  );
  inside.layers(layers);
}

function element(tag: string, text: string): HTMLElement {
  return Object.assign(document.createElement(tag), { textContent: text });
}

/** Answers the prompt while you watch. */
async function answer(): Promise<void> {
  if (model === undefined) return;
  const asked = model;
  at("thinking").textContent = at("answer").textContent = rate.textContent = "";
  go.disabled = true;
  stop.disabled = false;
  stopping = new AbortController();
  const prompt = at<HTMLTextAreaElement>("prompt").value;
  const maxTokens = Math.max(1, Number(at<HTMLInputElement>("most").value) || 96);
  const onPrompt = (done: number, total: number) => say(`Read ${done} of ${total} tokens of the prompt.`);
  try {
    const ids = [...(await asked.promptIds(prompt))];
    let [tokens, began] = [0, 0];
    for await (const event of asked.generate(prompt, { signal: stopping.signal, onPrompt, maxTokens, seed: 5 })) {
      if (event.type === "token") {
        ids.push(event.id);
        began ||= performance.now();
        const seconds = (performance.now() - began) / 1000;
        if (tokens++ > 0) rate.textContent = `${(tokens / seconds).toFixed(1)} tokens/s`;
      } else if (event.type === "thinking" || event.type === "answer") at(event.type).append(event.text);
      else if (event.type === "end") ended(event);
    }
    await inside.look(asked, ids, chosen === undefined);
  } catch (error) {
    if (asked === model) failed(error);
  }
  if (asked === model) go.disabled = false;
  stop.disabled = true;
}

function ended({ timings, reason }: Answer): void {
  const { tokens, seconds, promptTokens, promptSeconds } = timings;
  const per = (count: number, time: number) => (count / Math.max(time, 1e-6)).toFixed(1);
  rate.textContent = `${per(tokens, seconds)} tokens/s`;
  const why: Readonly<Record<string, string>> = {
    length: "as many tokens as it may",
    stop: "it came to its end",
    interrupted: "you stopped it",
    loop: "it repeats itself",
  };
  say(
    `Read ${promptTokens} tokens at ${per(promptTokens, promptSeconds)}/s, wrote ${tokens}: ${why[reason] ?? reason}.`,
  );
}

/** What is said; a model whose device is gone cannot be asked again. */
function failed(error: unknown): void {
  say("", error);
  const code = (error as { code?: string }).code;
  if (!["E_GPU_LOST", "E_LIMIT_GPU", "E_LIMIT_MEMORY", "E_INTERNAL"].includes(code ?? "")) return;
  model?.close();
  model = undefined;
  const again = Object.assign(document.createElement("button"), { type: "button", textContent: "Load again" });
  again.addEventListener("click", () => void load());
  at("error").append(" ", again);
}

async function choose(files: readonly File[]): Promise<void> {
  const those = ofModel(files);
  if (those.length === 0) return say("", NO_MODEL);
  chosen = those;
  await load();
}

function listen(): void {
  at("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!go.disabled) void answer();
  });
  stop.addEventListener("click", () => stopping?.abort());
  backend.addEventListener("change", () => void load());
  at("embedded").addEventListener("click", () => {
    chosen = undefined;
    void load();
  });
  for (const id of ["files", "folder"]) {
    const input = at<HTMLInputElement>(id);
    input.addEventListener("change", () => void choose([...input.files!]));
  }
  addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", () => document.body.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    void dropped(event.dataTransfer!.items).then(choose);
  });
}

/** Two pages share one device: the second one says so. */
function watchOthers(): void {
  const notice = at("notice");
  void navigator.locks.request("qwq-page", { ifAvailable: true }, (lock) => {
    if (lock !== null) return new Promise(() => undefined); // as long as the page is open
    notice.textContent =
      "This page is open in another tab too. Both work, but they share this computer's memory and speed: close one before you load a large model.";
    notice.hidden = false;
    void navigator.locks.request("qwq-page", () => {
      notice.hidden = true;
      return new Promise(() => undefined);
    });
    return undefined;
  });
}

const asked = new URLSearchParams(location.search).get("backend");
if (asked !== null && [...backend.options].some(({ value }) => value === asked)) backend.value = asked;
listen();
watchOthers();
if (await load()) await answer();
