/**
 * Serves the page on 127.0.0.1: `npm run page`, then open the address that it prints. The two headers let the page share
 * memory between threads; a server without them serves it too, with one thread.
 */
import { createServer } from "node:http";
import { join } from "node:path";
import sirv from "sirv";

const port = Number(process.argv[2] ?? 8080);
const files = sirv(join(import.meta.dirname, "../../dist/run"), {
  dev: true,
  setHeaders(response) {
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  },
});
const server = createServer((request, response) => files(request, response, () => void response.writeHead(404).end()));
server.on("error", ({ message }) => {
  process.stderr.write(`${message}\nGive another port: npm run page -- 8081\n`);
  process.exitCode = 1;
});
server.listen(port, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${port}/\nCtrl-C ends it.\n`);
});
