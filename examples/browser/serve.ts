/** Serves this project's folder on 127.0.0.1 for examples/browser: `npm run browser`, then open the address that it prints. */
import { join } from "node:path";
import { serveFolder } from "../../docs/serve-folder.ts";

serveFolder(join(import.meta.dirname, "../.."), "browser", "examples/browser/");
