import { describe, expect, it } from "vitest";
import { FairQueue } from "../../src/serve/queue.ts";

/** A signal that never comes. */
const never = () => new AbortController().signal;

describe("FairQueue", () => {
  it("gives the clients their turns one after another, each its requests in order", async () => {
    const queue = new FairQueue(1, 100);
    const order: string[] = [];
    const leave = await queue.turn("x", never());
    const ask = async (client: string, i: number) => {
      const done = await queue.turn(client, never());
      order.push(`${client}${i}`);
      done();
    };
    const all = [..."aaaabbc"].map((client, i) => ask(client, i));
    expect(queue.waiting).toBe(7);
    leave();
    await Promise.all(all);
    expect(order).toEqual(["a0", "b4", "c6", "a1", "b5", "a2", "a3"]);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  it("lets so many run at a time", async () => {
    const queue = new FairQueue(3, 100);
    let [now, most] = [0, 0];
    const ask = async (client: string) => {
      const leave = await queue.turn(client, never());
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      leave();
      leave(); // once more changes nothing
    };
    await Promise.all(Array.from({ length: 20 }, (_, i) => ask(String(i % 4))));
    expect(most).toBe(3);
    expect(queue.running).toBe(0);
  });

  it("forgets whoever leaves, and refuses whoever finds it full", async () => {
    const queue = new FairQueue(1, 2);
    const leave = await queue.turn("a", never());
    const gone = new AbortController();
    const first = queue.turn("b", gone.signal);
    const second = queue.turn("b", never());
    await expect(queue.turn("c", never())).rejects.toMatchObject({ status: 503, code: "queue_full" });
    gone.abort(new Error("left"));
    await expect(first).rejects.toThrow("left");
    expect(queue.waiting).toBe(1);
    leave();
    (await second)();
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });
});
