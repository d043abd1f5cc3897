/** Serves the site on 127.0.0.1: `npm run docs && npm run site`, then open the address that it prints. */
import { serveFolder } from "../serve-folder.ts";
import { site } from "./places.ts";

serveFolder(site, "site");
