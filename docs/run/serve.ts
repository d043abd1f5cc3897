/** Serves the page on 127.0.0.1: `npm run page`, then open the address that it prints. */
import { join } from "node:path";
import { serveFolder } from "../serve-folder.ts";

serveFolder(join(import.meta.dirname, "../../dist/run"), "page");
