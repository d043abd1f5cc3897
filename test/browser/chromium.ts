/** A real browser, and pages of a real server to open in it. */
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import sirv from "sirv";

/** The browser to test in; undefined where there is none. */
export const CHROMIUM = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== undefined && existsSync(path));

const root = join(import.meta.dirname, "../..");

/** Without these, it looks for its maker's hosts, and waits. */
const QUIET = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

/** What a browser has: by default WebGL2 and no WebGPU, as on a machine without a GPU. */
export const WITH = {
  webgl2: ["--disable-gpu"],
  webgpu: ["--enable-unsafe-webgpu"],
  neither: ["--disable-gpu", "--disable-software-rasterizer"],
};

export function launch(having: keyof typeof WITH = "webgl2"): Promise<Browser> {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: CHROMIUM!, args: [...QUIET, ...WITH[having], ...sandbox] });
}

/** What lets pages share memory between threads. */
const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** An empty page with the library at hand as `qwq`. */
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="module">
import * as qwq from "/dist/browser/index.js";
Object.assign(globalThis, { qwq });
</script>`;

/** Serves folders of this project; `isolated` pages may share memory. `index`: the folder has a page of its own. */
export async function serve(
  isolated: boolean,
  folder = root,
  index = false,
): Promise<{ server: Server; address: string }> {
  const files = sirv(folder, {
    dev: true,
    dotfiles: true,
    setHeaders: (response) => {
      for (const [name, value] of Object.entries(isolated ? ISOLATED : {})) response.setHeader(name, value);
    },
  });
  const server = createServer((request, response) => {
    if (index || request.url !== "/") return files(request, response, () => void response.writeHead(404).end());
    response.writeHead(200, { "Content-Type": "text/html", ...(isolated ? ISOLATED : {}) }).end(PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** That page. What it complains of is collected. */
export async function open(browser: Browser, address: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(address);
  await page.waitForFunction(() => "qwq" in globalThis);
  return { page, complaints };
}
