/** Numbers as people read them. */

/** "134,515,008". */
export function grouped(n: number): string {
  return n.toLocaleString("en-US");
}

/** "1 reply", "12 replies": how many of something, whose plural is `many`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${n === 1 ? one : many}`;
}

const UNITS = ["kB", "MB", "GB", "TB"] as const;

/** Bytes in powers of 1000, one decimal: "512 B", "52.4 MB". */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1000;
  let unit = 0;
  // 999.95 would be rounded to 1000.0 of the smaller unit
  for (; value >= 999.95 && unit < UNITS.length - 1; unit++) value /= 1000;
  return `${value.toFixed(1)} ${UNITS[unit]!}`;
}

/** How many a second, in three digits, or whole from a hundred on: "5.52", "17.6", "1,235". */
export function rate(perSecond: number): string {
  return perSecond < 99.95 ? perSecond.toPrecision(3) : grouped(Math.round(perSecond));
}

/** A span of time, in two units at most: "45 s", "3 min 20 s", "2 h 5 min". */
export function span(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
