import { expect, it } from "vitest";
import { PLANTED } from "../support/bugs.ts";
import { expectNamed, ONCE, OTHERS } from "../support/cells.ts";

it.each(OTHERS)("diagnose names $name in layer $layer, and no other nearer than twice as far", expectNamed);

it("with the cells of diagnose.test.ts, each planted bug is in two layers", () => {
  expect(ONCE.length + OTHERS.length).toBe(2 * PLANTED.length);
});
