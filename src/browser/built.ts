/** In the place of kernels/wasm/built.ts: the compiled kernels, as part of the script. */
import alone from "../../kernels/wasm/build/alone.wasm";
import aloneRelaxed from "../../kernels/wasm/build/alone-relaxed.wasm";
import groupAlone from "../../kernels/wasm/build/group-alone.wasm";
import groupAloneRelaxed from "../../kernels/wasm/build/group-alone-relaxed.wasm";
import groupShared from "../../kernels/wasm/build/group-shared.wasm";
import groupSharedRelaxed from "../../kernels/wasm/build/group-shared-relaxed.wasm";
import shared from "../../kernels/wasm/build/shared.wasm";
import sharedRelaxed from "../../kernels/wasm/build/shared-relaxed.wasm";
import tileAlone from "../../kernels/wasm/build/tile-alone.wasm";
import tileShared from "../../kernels/wasm/build/tile-shared.wasm";

const KERNELS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  alone,
  "alone-relaxed": aloneRelaxed,
  "group-alone": groupAlone,
  "group-alone-relaxed": groupAloneRelaxed,
  "group-shared": groupShared,
  "group-shared-relaxed": groupSharedRelaxed,
  shared,
  "shared-relaxed": sharedRelaxed,
  "tile-alone": tileAlone,
  "tile-shared": tileShared,
};

/** The bytes of one build. */
export const built = (name: string): Uint8Array<ArrayBuffer> => KERNELS[name]!;

/** A page cannot ask its engine for more. */
export const widest = (): undefined => undefined;

/** Nor does it have to. */
export const relaxing = <T>(compile: () => T): T => compile();
