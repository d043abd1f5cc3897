/** All hostile programs. */
import { ENDLESS } from "./endless.ts";
import { FILES } from "./files.ts";
import { MEMORY } from "./memory.ts";
import { NETWORK } from "./network.ts";
import { OUTPUT } from "./output.ts";
import { PROCESSES } from "./processes.ts";
import type { Hostile } from "./program.ts";
import { PYTHON } from "./python.ts";
import { TAMPERING } from "./tampering.ts";

export const FAMILIES: Readonly<Record<string, readonly Hostile[]>> = {
  "does not end": ENDLESS,
  "takes all memory": MEMORY,
  "reaches for files": FILES,
  "reaches for the network": NETWORK,
  "reaches for processes": PROCESSES,
  "changes the judge": TAMPERING,
  "writes too much": OUTPUT,
  "does any of it in Python": PYTHON,
};
