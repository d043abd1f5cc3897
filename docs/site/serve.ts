/** Serves the site on 127.0.0.1: `npm run docs && npm run site`, then open the address that it prints. */
import { createServer } from "node:http";
import sirv from "sirv";
import { site } from "./places.ts";

const port = Number(process.argv[2] ?? 8080);
const files = sirv(site, {
  dev: true,
  // With these the model on the live page may use several threads; without them it has one.
  setHeaders(response) {
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  },
});
const server = createServer((request, response) => files(request, response, () => void response.writeHead(404).end()));
server.on("error", ({ message }) => {
  process.stderr.write(`${message}\nGive another port: npm run site -- 8081\n`);
  process.exitCode = 1;
});
server.listen(port, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${port}/\nCtrl-C ends it.\n`);
});
