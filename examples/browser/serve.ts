/**
 * Serves this project's folder on 127.0.0.1 for examples/browser: `npm run browser`, then open the address that it prints.
 * The two headers let the page share memory between threads.
 */
import { createServer } from "node:http";
import { join } from "node:path";
import sirv from "sirv";

const port = Number(process.argv[2] ?? 8080);
const files = sirv(join(import.meta.dirname, "../.."), {
  dev: true,
  setHeaders(response) {
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  },
});
const server = createServer((request, response) => files(request, response, () => void response.writeHead(404).end()));
server.on("error", ({ message }) => {
  process.stderr.write(`${message}\nGive another port: npm run browser -- 8081\n`);
  process.exitCode = 1;
});
server.listen(port, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${port}/examples/browser/\nCtrl-C ends it.\n`);
});
