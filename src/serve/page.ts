/** The page at /: a conversation with the model, thoughts folded away. It loads nothing but itself. */
import { createHash } from "node:crypto";

const STYLE = String.raw`
:root { color-scheme: light dark; --edge: light-dark(#d8d8d2, #3a3a36); --soft: light-dark(#6b6b64, #9a9a92);
  --paper: light-dark(#fbfbf8, #1b1b19); --own: light-dark(#eceadf, #2d2c26); --act: light-dark(#7a4b00, #e0a94f); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); font: 16px/1.55 system-ui, sans-serif; display: flex; flex-direction: column;
  height: 100dvh; }
header, form, main > * { width: 100%; max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; align-items: baseline; gap: .75rem; padding-block: .75rem; }
h1 { font-size: 1.1rem; margin: 0; }
header span { color: var(--soft); flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
main { flex: 1; overflow-y: auto; border-block: 1px solid var(--edge); padding-block: 1rem; }
article { padding-block: .4rem; }
article > div { white-space: pre-wrap; overflow-wrap: anywhere; }
.user > div { background: var(--own); border-radius: .8rem; padding: .5rem .8rem; width: fit-content; max-width: 85%;
  margin-left: auto; }
details { color: var(--soft); font-size: .92rem; }
details.thoughts { border-left: 3px solid var(--edge); padding-left: .8rem; margin-bottom: .5rem; }
details.thoughts > div { white-space: pre-wrap; overflow-wrap: anywhere; }
summary { cursor: pointer; }
.note { color: var(--soft); font-size: .85rem; }
.wrong { color: light-dark(#a11, #f77); }
form { padding-block: .75rem 1rem; }
textarea, input { font: inherit; color: inherit; background: transparent; border: 1px solid var(--edge); border-radius: .5rem;
  padding: .45rem .6rem; }
textarea { width: 100%; resize: vertical; min-height: 3.2rem; }
.row { display: flex; gap: .6rem; align-items: center; flex-wrap: wrap; margin-top: .5rem; }
.row label { color: var(--soft); font-size: .85rem; display: flex; gap: .35rem; align-items: center; }
.row input { width: 6.5rem; }
.row label.wide, .row label.wide input { flex: 1; min-width: 10rem; }
button { font: inherit; border: 1px solid var(--act); color: var(--act); background: transparent; border-radius: .5rem;
  padding: .35rem .9rem; cursor: pointer; }
button.main { background: var(--act); color: var(--paper); }
button:disabled { opacity: .45; cursor: default; }
.end { margin-left: auto; display: flex; gap: .6rem; }
`;

const SCRIPT = String.raw`
const $ = (id) => document.getElementById(id);
const messages = [];
let stop;

const make = (tag, kind, text = "") => {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  element.textContent = text;
  return element;
};
const atEnd = () => $("talk").scrollHeight - $("talk").scrollTop - $("talk").clientHeight < 60;
const show = (work) => {
  const stay = atEnd();
  work();
  if (stay) $("talk").scrollTop = $("talk").scrollHeight;
};
const headers = () => {
  const key = $("key").value;
  return { "content-type": "application/json", ...(key && { authorization: "Bearer " + key }) };
};
const told = async (response) => {
  const body = await response.json().catch(() => ({}));
  if (response.status === 401) $("more").open = true;
  return body.error?.message ?? "The server answered " + response.status + ".";
};

async function name() {
  const response = await fetch("/v1/models", { headers: headers() }).catch(() => undefined);
  if (response?.ok) $("model").textContent = (await response.json()).data[0].id;
  else if (response?.status === 401) { $("model").textContent = "needs an API key"; $("more").open = true; }
}

// The objects of a stream of events, however its bytes were cut.
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      if (!part.startsWith("data: ") || part === "data: [DONE]") continue;
      const event = JSON.parse(part.slice(6));
      if (event.error) throw new Error(event.error.message);
      yield event;
    }
  }
}

function turn(role, text) {
  const article = make("article", role);
  const body = make("div", "", text);
  article.append(body);
  show(() => $("talk").append(article));
  return { article, body };
}

function body() {
  const system = $("system").value.trim();
  const number = (id, key) => ($(id).value === "" ? {} : { [key]: Number($(id).value) });
  return JSON.stringify({
    messages: system ? [{ role: "system", content: system }, ...messages] : messages,
    stream: true,
    stream_options: { include_usage: true },
    ...number("temperature", "temperature"),
    ...number("tokens", "max_tokens"),
    ...number("seed", "seed"),
  });
}

const FLAWS = { endless_repetition: "It repeats itself without end.", language_mixing: "It mixes languages." };

async function ask(article, out) {
  const response = await fetch("/v1/chat/completions", {
    method: "POST", headers: headers(), body: body(), signal: stop.signal,
  });
  if (!response.ok) throw new Error(await told(response));
  const began = performance.now();
  let thoughts, finish;
  for await (const { choices: [choice], usage } of events(response)) {
    show(() => {
      const { reasoning_content: thought, content, tool_calls: calls } = choice?.delta ?? {};
      if (thought) {
        if (!thoughts) {
          thoughts = make("details", "thoughts");
          thoughts.open = true;
          thoughts.append(make("summary", "", "Thinking"), make("div"));
          article.prepend(thoughts);
        }
        thoughts.lastChild.textContent += thought;
      }
      if (content) {
        if (thoughts?.open && !out.textContent) {
          thoughts.open = false;
          thoughts.firstChild.textContent = "Thoughts, " + ((performance.now() - began) / 1000).toFixed(1) + " s";
        }
        out.textContent += content;
      }
      for (const call of calls ?? []) out.textContent += call.function.name + "(" + call.function.arguments + ")";
      if (choice?.finish_reason) finish = choice;
      if (usage) {
        const seconds = (performance.now() - began) / 1000;
        const rate = (usage.completion_tokens / seconds).toPrecision(3);
        article.append(make("span", "note", usage.completion_tokens + " tokens, " + rate + " a second"));
      }
    });
  }
  for (const { type } of finish?.flaws ?? []) article.append(make("div", "note wrong", FLAWS[type] ?? type));
  if (finish?.finish_reason === "length") article.append(make("div", "note", "It was cut off: no more tokens."));
}

async function send() {
  const text = $("say").value.trim();
  if (!text || stop) return;
  stop = new AbortController();
  $("say").value = "";
  messages.push({ role: "user", content: text });
  turn("user", text);
  const { article, body: out } = turn("assistant", "");
  $("send").disabled = true;
  $("stop").disabled = false;
  try {
    await ask(article, out);
  } catch (error) {
    const left = error.name === "AbortError";
    show(() => article.append(make("div", left ? "note" : "note wrong", left ? "Stopped." : error.message)));
  }
  if (out.textContent) messages.push({ role: "assistant", content: out.textContent });
  else messages.pop();
  stop = undefined;
  $("send").disabled = false;
  $("stop").disabled = true;
  $("say").focus();
}

$("ask").addEventListener("submit", (event) => { event.preventDefault(); send(); });
$("say").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
});
$("stop").addEventListener("click", () => stop?.abort());
$("new").addEventListener("click", () => { stop?.abort(); messages.length = 0; $("talk").replaceChildren(); $("say").focus(); });
$("key").value = sessionStorage.getItem("key") ?? "";
$("key").addEventListener("change", () => { sessionStorage.setItem("key", $("key").value); name(); });
name();
`;

/** The whole page. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>qwq</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<header><h1>qwq</h1><span id="model"></span><button id="new" type="button">New</button></header>
<main id="talk" aria-live="polite" aria-label="Conversation"></main>
<form id="ask">
  <textarea id="say" rows="2" autofocus placeholder="What is 347 + 586?" aria-label="Your message"></textarea>
  <div class="row">
    <details id="more"><summary>Settings</summary>
      <div class="row">
        <label>temperature <input id="temperature" type="number" min="0" max="2" step="0.1"></label>
        <label>tokens <input id="tokens" type="number" min="1"></label>
        <label>seed <input id="seed" type="number" min="0"></label>
        <label class="wide">system <input id="system"></label>
        <label class="wide">API key <input id="key" type="password" autocomplete="off"></label>
      </div>
    </details>
    <span class="end"><button id="stop" type="button" disabled>Stop</button><button id="send" class="main">Send</button></span>
  </div>
</form>
<script type="module">${SCRIPT}</script>
</html>
`;

const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** What the page may do: run its own script, and ask its own server. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `script-src ${hash(SCRIPT)}`,
  `style-src ${hash(STYLE)}`,
  "connect-src 'self'",
  "img-src data:",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");
