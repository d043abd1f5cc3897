import { expect, it } from "vitest";
import type { Memory } from "../../src/library/memory.ts";
import { Slots } from "../../src/serve/slots.ts";

it("a conversation finds its memory again; another takes an unused one, then the oldest", () => {
  const made: Memory[] = [];
  const slots = new Slots(2, () => {
    made.push({ caches: [], ids: [] });
    return made.at(-1)!;
  });
  const ask = (...ids: number[]): number => {
    const { memory, leave } = slots.take(Uint32Array.from(ids));
    memory.ids = ids;
    leave();
    return made.indexOf(memory);
  };
  expect(ask(1, 2, 3, 4)).toBe(0);
  expect(ask(1, 9, 9, 9)).toBe(1); // only a quarter of the first is the same
  expect(ask(1, 2, 3, 4, 5, 6)).toBe(0);
  expect(ask(7, 7)).toBe(1); // used longer ago
  expect(ask(1, 2, 3, 4, 5, 8)).toBe(0);
  const busy = slots.take(Uint32Array.of(1, 2, 3, 4, 5, 8));
  expect(made.indexOf(slots.take(Uint32Array.of(1, 2, 3, 4, 5, 8)).memory)).toBe(1);
  busy.leave();
});
