/** What goes wrong on a GPU, as errors of ours: the same for every backend that has one. */
import { IoError, LimitError, QwqError } from "../../src/errors.ts";

/** What is said of a GPU that is no more. */
export function lost(where: string, message: string): IoError {
  return new IoError("E_GPU_LOST", where, {
    expected: "the GPU to stay",
    actual: `its loss (${firstLine(message)})`,
    hint: "Run it again; if that happens again, take --backend wasm.",
  });
}

/** What the GPU complained of: that it is full, or that it was given something wrong, which is a bug of ours. */
export function complaint(where: string, { constructor, message }: Error): QwqError {
  if (/out.?of.?(device.?)?memory|OUT_OF/i.test(`${constructor.name} ${message}`)) {
    return new LimitError("E_LIMIT_GPU", where, {
      expected: "memory for the model",
      actual: firstLine(message),
      hint: "Give a smaller --context, a model of fewer bytes (qwq quantize --type int8), or --backend wasm.",
    });
  }
  return new QwqError("E_INTERNAL", where, { expected: "no complaint", actual: firstLine(message) });
}

/** What a buffer may have at most, and by which of the device's limits. */
export function largestBuffer(limits: {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}): {
  readonly bytes: number;
  readonly name: string;
} {
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  return maxBufferSize < maxStorageBufferBindingSize
    ? { bytes: maxBufferSize, name: "maxBufferSize" }
    : { bytes: maxStorageBufferBindingSize, name: "maxStorageBufferBindingSize" };
}

/** What is said of a buffer that is larger than the GPU allows for one. */
export function tooLarge(
  where: string,
  bytes: number,
  limits: Parameters<typeof largestBuffer>[0],
  { tensor, hint }: { readonly tensor?: string; readonly hint: string },
): LimitError {
  const most = largestBuffer(limits);
  return new LimitError("E_LIMIT_GPU", where, {
    expected: `at most ${most.bytes.toLocaleString("en-US")} bytes in a buffer (${most.name})`,
    actual: bytes.toLocaleString("en-US"),
    tensor,
    hint,
  });
}

function firstLine(message: string): string {
  return message.split("\n")[0]!;
}
