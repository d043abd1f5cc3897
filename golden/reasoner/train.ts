/**
 * Trains the embedded model: `npm run train` goes from nothing to golden/reasoner by training.json, round after round, each in
 * the model that the one before it left: the cold start in three rounds of supervision, each with a learning rate that falls
 * to its end and rises again for the next (warm restarts: Loshchilov and Hutter 2017, arXiv 1608.03983), then reinforcement.
 *
 * It takes some forty minutes of two cores. Interrupted, it goes on where it was.
 */
import { join } from "node:path";
import { type Rounds, roundsOf, trainRounds } from "../rounds.ts";

const here = import.meta.dirname;

/** Where the rounds are trained: round n in the folder n, from 1. */
export const OUT: string = join(here, "../../.cache/reasoner");

/** What training.json says. */
export function readRounds(): Rounds {
  return roundsOf(here);
}

if (process.argv[1] === import.meta.filename) trainRounds(here, OUT);
