/**
 * Trains the embedded caller of tools: `npm run train:toolcaller` goes from nothing to golden/toolcaller by training.json. The
 * first round is of copying alone, which everything else needs and which a mixture of everything takes many times longer to
 * teach (docs/log.md says by how much); the second is of conversations, with copying beside them. The weights are then rounded
 * to float16, and all figures are of those.
 *
 * Interrupted, it goes on where it was.
 */
import { join } from "node:path";
import { type Rounds, roundsOf, trainRounds } from "../rounds.ts";

const here = import.meta.dirname;

/** Where the rounds are trained: round n in the folder n, from 1. */
const OUT = join(here, "../../.cache/toolcaller");

/** What training.json says. */
export function readRounds(): Rounds {
  return roundsOf(here);
}

if (process.argv[1] === import.meta.filename) trainRounds(here, OUT);
