/** How long something takes by itself, whatever else the machine is at. */

/** Milliseconds of a processor that this process has worked, with all its threads. */
export function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * A clock: milliseconds since now. On a busy machine the time of day runs on while others work, and the collector's threads
 * work while it stands still: the lesser of the two counts.
 */
export function clock(): () => number {
  const [began, before] = [performance.now(), worked()];
  return () => Math.min(performance.now() - began, worked() - before);
}
