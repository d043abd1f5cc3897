/**
 * A server that speaks OpenAI's chat completions and answers problems of a file: what it says depends on the prompt and the
 * seed alone. It fails as often as it is told to, in five ways. Run as a process of its own, so that it can be killed:
 *
 *   node chat-server.mjs '{"port": 0, "data": "aime24.jsonl", "failing": 0.2, "log": "asked.txt"}'
 */
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";

const { port, data, failing = 0, log, style = "reasoning_content", salt = 0 } = JSON.parse(process.argv[2]);
const answers = new Map(
  readFileSync(data, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ prompt, answer }) => [prompt, answer]),
);
let requests = 0;

const draw = (...of) => createHash("sha256").update(JSON.stringify(of)).digest().readUInt32LE(0) / 2 ** 32;

const event = (delta, finish = null) => ({ choices: [{ index: 0, delta, finish_reason: finish }] });

/** What it says of a prompt: thoughts of 20 to 220 words, then an answer that is right six times in ten. */
function replyTo(prompt, seed) {
  const words = 20 + Math.floor(200 * draw("words", prompt, seed));
  const right = draw("right", prompt, seed) < 0.6;
  const answer = right ? answers.get(prompt) : Math.floor(1000 * draw("answer", prompt, seed));
  return { thoughts: Array.from({ length: words }, () => "so").join(" "), answer: `It is \\boxed{${answer}}.`, words };
}

function events({ messages, seed, max_tokens }) {
  const { thoughts, answer, words } = replyTo(messages.at(-1).content, seed);
  const cut = max_tokens < words;
  const half = thoughts.slice(0, thoughts.length / 2);
  const rest = thoughts.slice(half.length);
  const usage = {
    choices: [],
    usage: { prompt_tokens: 10, completion_tokens: words + 5, completion_tokens_details: { reasoning_tokens: words } },
  };
  if (style === "text") {
    const all = [event({ role: "assistant", content: `${half}` }), event({ content: rest })];
    return [
      ...all,
      ...(cut ? [] : [event({ content: `\n</think>\n\n${answer}` })]),
      event({}, cut ? "length" : "stop"),
      usage,
    ];
  }
  const all = [event({ role: "assistant", [style]: half }), event({ [style]: rest })];
  return [...all, ...(cut ? [] : [event({ content: answer })]), event({}, cut ? "length" : "stop"), usage];
}

const FAILURES = [
  (response) => response.writeHead(500).end('{"error": {"message": "out of luck"}}'),
  (response) => response.writeHead(429, { "retry-after": "0" }).end("slow down"),
  (response) => response.writeHead(503).end(),
  (response) => response.destroy(),
  (response, all) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${JSON.stringify(all[0])}\n\n`);
    setTimeout(() => response.destroy(), 5);
  },
];

const server = createServer(async (request, response) => {
  if (request.url === "/v1/models") return response.end(JSON.stringify({ data: [{ id: "fake-32b" }] }));
  let body = "";
  for await (const piece of request) body += piece;
  const asked = JSON.parse(body);
  const all = events(asked);
  const number = requests++;
  if (draw("fail", salt, number) < failing) {
    return FAILURES[Math.floor(draw("way", salt, number) * FAILURES.length)](response, all);
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const one of all) {
    response.write(`data: ${JSON.stringify(one)}\n\n`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  response.end("data: [DONE]\n\n");
  if (log !== undefined) appendFileSync(log, `${JSON.stringify([asked.messages.at(-1).content, asked.seed])}\n`);
});
server.listen(port, "127.0.0.1", () => process.stdout.write(`listening ${server.address().port}\n`));
