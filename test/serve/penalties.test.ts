import { expect, it } from "vitest";
import { Penalised } from "../../src/serve/penalties.ts";

it("takes from the logits of what has come as OpenAI's formula says, and leaves the model's own as they are", () => {
  const steering = new Penalised({ presence: 0.5, frequency: 0.25, bias: new Map([[3, -100]]) });
  for (const id of [1, 1, 2]) steering.push(id);
  const logits = Float32Array.of(4, 4, 4, 4);
  expect([...steering.steer(logits)]).toEqual([4, 3, 3.25, -96]);
  expect([...logits]).toEqual([4, 4, 4, 4]);
});
