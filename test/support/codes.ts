/** What a call throws, for tables of bad input. */
import { QwqError } from "../../src/errors.ts";

/** The code of the QwqError that `run` throws, or "nothing". Any other error is a bug and is thrown on. */
export function codeOf(run: () => unknown): string {
  try {
    run();
    return "nothing";
  } catch (error) {
    if (error instanceof QwqError) return error.code;
    throw error;
  }
}

/** `codeOf` of what a promise is rejected with. */
export async function codeOfAsync(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "nothing";
  } catch (error) {
    if (error instanceof QwqError) return error.code;
    throw error;
  }
}
