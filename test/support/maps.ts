/** A thread that binds the calls for mapping files, and says what a page is. */
import { parentPort } from "node:worker_threads";
import { mapCalls } from "../../src/files/mmap.ts";

parentPort!.postMessage(mapCalls().pageSize);
