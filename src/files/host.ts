/** What every reader here takes for granted of the machine. */
import { LimitError } from "../errors.ts";

/**
 * Numbers in files are little-endian, and are viewed in place. `memory` is the number 1 as this machine keeps it, in two
 * bytes.
 *
 * throws   LimitError E_HOST_ENDIAN on a big-endian machine (IBM Z is the one that Node still runs on)
 */
export function checkHost(memory: Uint8Array = new Uint8Array(Uint16Array.of(1).buffer)): void {
  if (memory[0] === 1) return;
  throw new LimitError("E_HOST_ENDIAN", "this machine", {
    expected: "numbers kept with their lowest byte first, as x64 and ARM keep them",
    actual: "the highest first",
    hint: "Run qwq on another machine.",
  });
}
