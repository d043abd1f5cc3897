/** Activations as linear wants them: in whole words, or as bytes of which 32 of a row share a scale. */
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

/** One thread a number of the longer rows. */
const PAD: Kernel = {
  name: "pad",
  reads: 1,
  writes: 1,
  code: `${head(["length", "width", "wide"], ["x"], ["y"])}
@compute @workgroup_size(64) fn main(${BUILTINS}) {
  let i = ${FLAT};
  if (i >= p.length) { return; }
  let k = i % p.wide;
  y[i] = select(0, x[i / p.wide * p.width + min(k, p.width - 1)], k < p.width);
}`,
};

/** The rows with zeros behind them, `to` numbers each. */
export function padded(device: Device, x: Remote, to: number): Remote {
  const [T = 0, from = 0] = x.shape;
  const y = device.make([T, to]);
  device.run(PAD, [x], [y], [y.length, from, to], groupsOf(y.length));
  return y;
}
