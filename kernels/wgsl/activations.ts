/** Activations as bytes: 32 of a row share a scale. */
import type { Device, Kernel } from "./device.ts";
import type { Remote } from "./tensor.ts";
import { BUILTINS, FLAT, groupsOf, head } from "./text.ts";

/**
 * d = max |x| / 127, q = round(x / d): one thread a block of 32, four q a word.
 *
 * bound    |x - q d| <= d / 2, and what the division rounds
 */
const BYTES: Kernel = {
  name: "bytes",
  reads: 1,
  writes: 2,
  code: `${head(["blocks"], ["x: vec4f"], ["q: u32", "steps"])}
@compute @workgroup_size(64) fn main(${BUILTINS}) {
  let block = ${FLAT};
  if (block >= p.blocks) { return; }
  var most = vec4f(0);
  for (var i = 0u; i < 8; i++) { most = max(most, abs(x[block * 8 + i])); }
  let largest = max(max(most.x, most.y), max(most.z, most.w));
  let step = largest / 127;
  let scale = select(1 / step, 0, largest == 0);
  for (var i = 0u; i < 8; i++) { q[block * 8 + i] = pack4xI8(vec4i(round(x[block * 8 + i] * scale))); }
  steps[block] = step;
}`,
};

/** Rows whose width is a multiple of 32. */
export function bytesOf(device: Device, x: Remote): { readonly q: Remote; readonly steps: Remote } {
  const blocks = x.length / 32;
  const q = device.make([blocks * 8]);
  const steps = device.make([blocks]);
  device.run(BYTES, [x], [q, steps], [blocks], groupsOf(blocks));
  return { q, steps };
}
