/** Programs that write too much, or what is no text. */
import { type Hostile, programs } from "./program.ts";

export const OUTPUT: readonly Hostile[] = [
  ...programs([
    ["lines without an end", "output timeout", "for (;;) console.log('5');"],
    // Node keeps what the pipe does not take: whichever limit is met first ends it.
    ["one line without an end", "output memory timeout", "for (;;) process.stdout.write('5');"],
    ["a line of half a gigabyte", "output error memory timeout", "process.stdout.write('5'.repeat(2 ** 29 - 24))"],
    ["errors without an end", "output timeout", "for (;;) console.error('5');"],
    [
      "bytes that are no text",
      "failed output",
      "process.stdout.write(Buffer.alloc(1e5, 0xfe)); process.stdout.write('\\0\\u001b[2J')",
    ],
    ["output from its timers", "output timeout", "setInterval(() => console.log('5'.repeat(1e5)), 0);"],
    ["an error of a megabyte", "error output", "throw new Error('5'.repeat(2e6))"],
    ["a rejection that nobody handles", "error", "console.log(5); Promise.reject(new Error('no'))"],
  ]),
];
