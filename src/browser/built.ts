/** In the place of kernels/wasm/built.ts: the compiled kernels, as part of the script. */
import alone from "../../kernels/wasm/build/alone.wasm";
import aloneRelaxed from "../../kernels/wasm/build/alone-relaxed.wasm";
import shared from "../../kernels/wasm/build/shared.wasm";
import sharedRelaxed from "../../kernels/wasm/build/shared-relaxed.wasm";

const KERNELS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  alone,
  "alone-relaxed": aloneRelaxed,
  shared,
  "shared-relaxed": sharedRelaxed,
};

/** The bytes of one build. */
export const built = (name: string): Uint8Array<ArrayBuffer> => KERNELS[name]!;
