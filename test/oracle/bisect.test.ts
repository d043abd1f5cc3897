import { expect, it } from "vitest";
import { firstBad } from "../../src/oracle/bisect.ts";

it("finds each of 64 layers in at most seven looks, and none where none is wrong", async () => {
  for (let wrong = 0; wrong <= 64; wrong++) {
    let looks = 0;
    const found = await firstBad(64, async (layer) => (looks++, layer >= wrong));
    expect(found).toBe(wrong === 64 ? undefined : wrong);
    expect(looks).toBeLessThanOrEqual(7);
  }
  expect(await firstBad(0, async () => true)).toBeUndefined();
});
