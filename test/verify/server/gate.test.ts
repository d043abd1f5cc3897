import { expect, it } from "vitest";
import { Gate } from "../../../src/verify/server/gate.ts";

it("lets so many through at a time, in the order in which they came, and refuses who finds the line full", async () => {
  const gate = new Gate(2, 3);
  const order: number[] = [];
  const ends: (() => void)[] = [];
  const work = (i: number) => async () => {
    order.push(i);
    await new Promise<void>((resolve) => ends.push(resolve));
  };
  const all = [0, 1, 2, 3, 4].map((i) => gate.through(work(i)));
  expect([gate.running, gate.waiting]).toEqual([2, 3]);
  await expect(gate.through(work(5))).rejects.toMatchObject({ code: "E_RUN_BUSY" });
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve));
    expect(gate.running).toBe(Math.min(2, 5 - i));
    ends.shift()!();
  }
  await Promise.all(all);
  expect(order).toEqual([0, 1, 2, 3, 4]);
  expect([gate.running, gate.waiting]).toEqual([0, 0]);
});

it("work that throws leaves its place", async () => {
  const gate = new Gate(1, 1);
  await expect(gate.through(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await expect(gate.through(() => Promise.resolve(1))).resolves.toBe(1);
});
