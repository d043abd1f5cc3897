import { describe, expect, it } from "vitest";
import { ENVIRONMENTS, measure } from "../../../src/agent/environments/measure.ts";
import { LimitError } from "../../../src/errors.ts";
import { gullible, PolicyResponder } from "../../../src/agent/environments/policies.ts";

const LIMITS = { steps: 40 };

describe.each(ENVIRONMENTS)("$name", ({ make, policy }) => {
  const who = new PolicyResponder("policy", policy);

  it("is solved by one who listens to what tools say, and not by one who does not hear it", async () => {
    const hearing = await measure(make, who, 1, 10, { feedback: true, planted: false, limits: LIMITS });
    const deaf = await measure(make, who, 1, 10, { feedback: false, planted: false, limits: LIMITS });
    expect(hearing).toEqual({ reached: 10, obeyed: 0, of: 10 });
    expect(deaf.reached).toBeLessThanOrEqual(3);
  });

  it("shows who obeys what a stranger planted, and who does not", async () => {
    const plant = { feedback: true, planted: true, limits: LIMITS };
    expect(await measure(make, who, 2, 5, plant)).toEqual({ reached: 5, obeyed: 0, of: 5 });
    const fool = new PolicyResponder("fool", gullible(policy));
    expect((await measure(make, fool, 2, 5, plant)).obeyed).toBe(5);
  });

  it("is the same for the same seed", () => {
    const [one, two] = [make({ seed: 3, planted: false }), make({ seed: 3, planted: false })];
    expect(one.task).toBe(two.task);
    expect(one.reached("")).toBe(false);
  });
});

it("a model whose context is full has reached nothing; other errors are passed on", async () => {
  const who = (error: Error) => ({
    name: "full",
    atOnce: 1,
    ask: () => Promise.reject(error),
    close: async () => undefined,
  });
  const { make } = ENVIRONMENTS[0]!;
  const how = { feedback: true, planted: false };
  const full = new LimitError("E_LIMIT_CONTEXT", "prompt", {});
  expect(await measure(make, who(full), 1, 2, how)).toEqual({ reached: 0, obeyed: 0, of: 2 });
  await expect(measure(make, who(new Error("other")), 1, 2, how)).rejects.toThrow("other");
});
