/**
 * An engine that answers lines of JSON, as `--cand` asks for: this package itself, built, with a fault of one's choice.
 *
 *   node test/support/engine.mjs tokens|template|parse|sampler|logits [fault]
 */
import process from "node:process";
import { openText } from "../../dist/src/files/text-files.js";
import { openCheckpoint } from "../../dist/src/files/checkpoint.js";
import { readJson } from "../../dist/src/json/json.js";
import { hidden } from "../../dist/src/model.js";
import { samplerCase } from "../../dist/src/oracle/sampler.js";
import { parsedIn, replyJson } from "../../dist/src/oracle/text/compare.js";
import { reference } from "../../dist/src/reference/index.js";
import { conversationFromJson } from "../../dist/src/text/messages.js";
import { renderChat } from "../../dist/src/text/template.js";
import { Tokenizer } from "../../dist/src/text/tokenizer.js";

const [kind, fault] = process.argv.slice(2);
const text = openText("golden/model/tiny");
const tokenizer = new Tokenizer(text.vocabulary);
let asked = 0;
let model;
const say = (line) => process.stdout.write(`${line}\n`);

const ANSWER = {
  tokens: ({ text }) =>
    fault === "bos"
      ? [506, ...tokenizer.encode(text)]
      : fault === "lower"
        ? [...tokenizer.encode(text.toLowerCase())]
        : { ids: [...tokenizer.encode(text)] },
  template: async (_, line) => {
    const prompt = await renderChat(text.template, {
      ...conversationFromJson(readJson(line, "case")),
      specialTokens: text.specialTokens,
    });
    return fault === "trim" ? prompt.trimEnd() : { prompt };
  },
  parse: ({ pieces, opened }) => {
    // A parser that looks at each piece by itself loses a tag that is cut.
    if (fault === "pieces" && pieces.length === 2 && /<\/?[a-z_]*$/.test(pieces[0]))
      return { thinking: pieces.join(""), answer: "", tool_calls: [] };
    return JSON.parse(replyJson(parsedIn(pieces, opened)));
  },
  sampler: (json, line) => {
    const { ids, probabilities } = samplerCase(
      readJson(fault === "order" ? JSON.stringify({ ...json, top_p: 1 }) : line, "case"),
      "case",
    );
    return { ids, probabilities: fault === "scaled" ? probabilities.map((p) => p * 0.99) : probabilities };
  },
  logits: ({ ids, rows, chunk, cached, pad, offset }) => {
    if (pad !== undefined || offset !== undefined) return { error: "this engine has neither padding nor offsets" };
    return { logits: ids.map((sequence) => logitsOf(sequence, rows, chunk ?? sequence.length, cached ?? 0)) };
  },
};

/** Logits of the wanted rows; the first `cached` ids are fed first, the rest `chunk` at a time. */
function logitsOf(ids, rows, chunk, cached) {
  const { weights, config } = (model ??= openCheckpoint("golden/model/tiny"));
  const all = [];
  let caches = reference.cache(config, ids.length);
  for (let at = 0; at < ids.length;) {
    const count = at < cached ? cached - at : Math.min(chunk, ids.length - at);
    if (fault === "forgets") caches = reference.cache(config, ids.length);
    const n = hidden(reference, weights, Uint32Array.from(ids.slice(at, at + count)), caches);
    const { data } = reference.linear(n, weights.U);
    for (let i = 0; i < count; i++) all.push([...data.subarray(i * config.vocabulary, (i + 1) * config.vocabulary)]);
    at += count;
  }
  return rows.map((row) => all[row]);
}

for await (const line of lines(process.stdin)) {
  asked++;
  if (fault === "dies" && asked === 3) process.exit(1);
  if (fault === "silent" && asked === 3) continue;
  if (fault === "nonsense" && asked === 3) say("Loading model...");
  else {
    try {
      say(JSON.stringify(await ANSWER[kind](JSON.parse(line), line)));
    } catch (error) {
      say(JSON.stringify({ error: String(error) }));
    }
  }
}

/** Lines that end with a line feed alone. */
async function* lines(stream) {
  stream.setEncoding("utf8");
  let rest = "";
  for await (const piece of stream) {
    const parts = (rest + piece).split("\n");
    rest = parts.pop();
    yield* parts;
  }
  if (rest !== "") yield rest;
}
