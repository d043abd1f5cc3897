/** What goes wrong on a device, as errors of ours. */
import { LimitError, QwqError } from "../../src/errors.ts";

/** An error of the device as one of ours. */
export function failed(error: Error): Error {
  if (/memory/i.test(`${error.constructor.name} ${error.message}`)) {
    return new LimitError("E_LIMIT_MEMORY", "device", {
      expected: "room for the model on the device",
      actual: `"${error.message.split("\n")[0]!}"`,
      hint: "Take a smaller model, a shorter context, or --backend wasm.",
    });
  }
  return new QwqError("E_GPU", "device", {
    expected: "no error",
    actual: `"${error.message}"`,
    hint: "Use --backend wasm.",
  });
}

/** What is said of a device that is no more. */
export function lost(message: string): QwqError {
  return new QwqError("E_GPU_LOST", "device", {
    expected: "the device to stay",
    actual: `its loss ("${message.split("\n")[0]!}")`,
    hint: "Load the model again, or use --backend wasm.",
  });
}
