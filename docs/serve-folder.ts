/** A folder on 127.0.0.1, for the pages that run a model. */
import { createServer } from "node:http";
import sirv from "sirv";

/**
 * Serves `folder` by the command `npm run ${script}`, whose argument is the port, and prints the address of `page` in it.
 * The two headers let a page share memory between threads; a server without them serves it too, with one thread.
 */
export function serveFolder(folder: string, script: string, page = ""): void {
  const port = Number(process.argv[2] ?? 8080);
  const files = sirv(folder, {
    dev: true,
    setHeaders(response) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    },
  });
  const server = createServer((request, response) =>
    files(request, response, () => void response.writeHead(404).end()),
  );
  server.on("error", ({ message }) => {
    process.stderr.write(`${message}\nGive another port: npm run ${script} -- 8081\n`);
    process.exitCode = 1;
  });
  server.listen(port, "127.0.0.1", () => {
    process.stdout.write(`http://127.0.0.1:${port}/${page}\nCtrl-C ends it.\n`);
  });
}
