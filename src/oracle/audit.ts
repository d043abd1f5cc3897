/**
 * Who tests the oracle: a bundle's own values made again by a second path.
 *
 * The first path is the one that recorded it, row by row on demand. The second is the reference's own loops, which share
 * no code with it but the frequencies of RoPE. Every tap must be the other's within the noise of float32.
 */
import { FormatError } from "../errors.ts";
import type { Checkpoint } from "../files/checkpoint.ts";
import { reference } from "../reference/index.ts";
import type { Bundle } from "./bundle-read.ts";
import { identify } from "./identity.ts";
import { relative } from "./metrics.ts";
import { measureNoise } from "./noise.ts";
import { checkModel } from "./provenance.ts";
import { FAIL } from "./measure.ts";
import { floorOf, policyOf } from "./numbers/policies.ts";
import { sketch } from "./sketch.ts";
import { recordTaps } from "./taps.ts";

/** What a check found. */
export interface Audit {
  /** Taps whose bytes have the hash that the manifest says. */
  readonly hashed: number;
  /** Taps that the second path made again; none where no model was given. */
  readonly replayed: number;
  /** The largest difference of the two, in noises. */
  readonly z: number;
}

/**
 * Checks every hash; with a model, also every value.
 *
 * throws   FormatError E_BUNDLE_HASH for bytes that changed; E_PROV_* where the bundle says that it is of another model;
 *          E_SELF_CHECK where the second path gives other values
 */
export async function audit(bundle: Bundle, checkpoint?: Checkpoint): Promise<Audit> {
  const { taps, input } = bundle.manifest;
  for (const { name } of taps) bundle.read(name);
  if (checkpoint === undefined) return { hashed: taps.length, replayed: 0, z: 0 };
  const { weights, config } = checkpoint;
  checkModel(bundle, identify(checkpoint), config.vocabulary);
  const want = (name: string) => bundle.entry(name) !== undefined;
  const again = await recordTaps(reference, weights, config, Uint32Array.from(input.ids), { want });
  const policy = policyOf("f32");
  const measured =
    bundle.noise ?? measureNoise(checkpoint, Uint32Array.from(input.ids), { policies: [policy], want, local: false });
  const noise = measured.get(policy.name);
  let z = 0;
  for (const { name, data } of again) {
    const { rows, width } = bundle.entry(name)!;
    const [ours, theirs] = [width === undefined ? data : sketch(data), bundle.read(name)!];
    const columns = theirs.shape[1]!;
    for (const [i, row] of rows.entries()) {
      const r = relative({ data: ours.data, at: row * columns }, { data: theirs.data, at: i * columns }, columns);
      const own = r / Math.max(floorOf(policy), noise?.get(name)?.cumulative[row] ?? 0);
      if (own > FAIL) throw unlike(bundle.path, name, row, own);
      z = Math.max(z, own);
    }
  }
  return { hashed: taps.length, replayed: again.length, z };
}

function unlike(path: string, name: string, row: number, z: number): FormatError {
  return new FormatError("E_SELF_CHECK", path, {
    path,
    tensor: name,
    expected: `at most ${FAIL} noises between two ways to compute it`,
    actual: `${z.toPrecision(3)} at position ${row}`,
    hint: "The bundle is of another model, or one of the two is wrong: record it again.",
  });
}
