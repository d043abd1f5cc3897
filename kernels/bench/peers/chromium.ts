/**
 * An engine in Chromium: `chromium.ts PAGE MODEL THREADS PROMPT GENERATE REPEAT`, where PAGE is a script of pages/. The page
 * is served over 127.0.0.1 and isolated, so that threads may share memory. The model is /model.gguf there, or the folder
 * /model/. Prints what llama-cpp.ts prints.
 */
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { chromium } from "playwright-core";
import sirv from "sirv";
import { CHROMIUM, PEERS, root, WLLAMA } from "./places.ts";
import { promptIds, type Said } from "./said.ts";

const FLAGS = [
  ...["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update"],
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

const [name = "", model = "", ...counts] = process.argv.slice(2);
const [threads = 1, prompt = 128, generate = 48, repeat = 3] = counts.map(Number);

/** What is served under which beginning of an address; of several that fit, the first that has the file. */
const served = (
  [
    ["/wllama/", join(WLLAMA, "esm")],
    ["/modules/", join(PEERS, "node_modules")],
    ...(statSync(model).isDirectory() ? [["/model/", model] as const] : []),
    ["/", join(import.meta.dirname, "pages")],
    ["/", root],
  ] as const
).map(([path, folder]) => ({ path, handle: sirv(folder, { dev: true }) }));

const server = createServer((request, response) => {
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  if (request.url === "/") {
    response.setHeader("Content-Type", "text/html");
    return void response.end(`<script type="module" src="/${name}.js"></script>`);
  }
  if (request.url === "/model.gguf") return void createReadStream(model).pipe(response);
  const asked = request.url ?? "/";
  const fitting = served.filter(({ path }) => asked.startsWith(path));
  const next = (i: number): void => {
    const found = fitting[i];
    if (found === undefined) return void response.writeHead(404).end();
    request.url = asked.slice(found.path.length - 1);
    found.handle(request, response, () => next(i + 1));
  };
  next(0);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(600_000);
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction("globalThis.measure !== undefined");
  const asked = JSON.stringify({ threads, prompt, generate, repeat, ids: promptIds(prompt) });
  const made = (await page.evaluate(`measure(${asked})`)) as Said & { readonly threads: number };
  if (made.threads !== threads) throw new Error(`${name}: expected ${threads} threads, got ${made.threads}.`);
  const { load, runs } = made;
  console.log(JSON.stringify({ load, runs, version: `${made.version} (Chromium ${browser.version()})` }));
} finally {
  await browser.close();
  server.close();
}
