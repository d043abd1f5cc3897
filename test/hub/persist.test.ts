import { describe, expect, it } from "vitest";
import { IoError } from "../../src/errors.ts";
import { Fault } from "../../src/hub/fault.ts";
import { pauseAfter, persist, WORLD } from "../../src/hub/persist.ts";
import { hasty } from "../support/hub.ts";

const { signal } = new AbortController();
const fault = (again = true, after?: number) => new Fault(new IoError("E_NET_CUT", "x"), again, after);

/** An attempt that fails so often, and how often it was made. */
function failing(times: number, what: () => unknown = fault) {
  const made = { count: 0, attempt: async () => (++made.count <= times ? Promise.reject(what()) : made.count) };
  return made;
}

describe("persist", () => {
  it("tries five times, and throws the error of the last", async () => {
    expect(await persist(failing(4).attempt, signal, hasty())).toBe(5);
    const made = failing(9);
    await expect(persist(made.attempt, signal, hasty())).rejects.toMatchObject({ code: "E_NET_CUT" });
    expect(made.count).toBe(5);
  });

  it("counts anew after progress, and goes on as long as there is some", async () => {
    const made = failing(20);
    expect(await persist(made.attempt, signal, hasty(), () => Math.floor(made.count / 3))).toBe(21);
  });

  it("does not try again what cannot do better, nor what is no fault of the network", async () => {
    for (const what of [() => fault(false), () => new Error("a bug")]) {
      const made = failing(9, what);
      await expect(persist(made.attempt, signal, hasty())).rejects.toThrow();
      expect(made.count).toBe(1);
    }
  });

  it("an abort ends it in a pause too, with its reason", async () => {
    const ending = new AbortController();
    const pausing = persist(failing(9, () => fault(true, 100_000)).attempt, ending.signal, WORLD);
    setImmediate(() => ending.abort(new Error("enough")));
    await expect(pausing).rejects.toThrow(/enough|aborted/);
  });
});

it("pauses double from half a second to half a minute, of which half is chance", () => {
  expect([1, 2, 3, 10].map((n) => [pauseAfter(n, 0), pauseAfter(n, 1)])).toEqual([
    [250, 500],
    [500, 1000],
    [1000, 2000],
    [15_000, 30_000],
  ]);
});
