/** Whether this machine can map files: Linux with koffi. What needs it is skipped elsewhere, as test/SKIPS.md says. */
import { mapCalls } from "../../src/files/mmap.ts";

export const mappable: boolean = (() => {
  try {
    return mapCalls().pageSize > 0;
  } catch {
    return false;
  }
})();
