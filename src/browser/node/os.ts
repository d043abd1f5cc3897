/** Node's os: what a browser tells of its machine. */

/** Gigabytes, rounded down to a power of two and at most 8, so that machines are not told apart by it. Chromium has it. */
const { deviceMemory = 4 } = navigator as Navigator & { deviceMemory?: number };

export const availableParallelism = (): number => navigator.hardwareConcurrency;
export const totalmem = (): number => deviceMemory * 2 ** 30;
export const freemem = totalmem;
export const homedir = (): string => "/";
export const constants = { errno: {} };
