import { expect, test } from "vitest";
import { evaluate } from "../../../../src/agent/tools/calculator.ts";
import { expression, pair, textOf } from "../../../../src/training/tasks/agent/expressions.ts";
import { Dice } from "../../../../src/training/tasks/dice.ts";
import { keyOf } from "../../../../src/training/tasks/working.ts";

test("the value of every expression is what the calculator says of it, to the last character", async () => {
  const dice = new Dice(1);
  for (let n = 0; n < 400; n++) {
    const drawn = expression(dice);
    const said = await evaluate(textOf(drawn, n % 2 === 0)).catch((error: Error) => error.message);
    expect(said, textOf(drawn)).toBe(drawn.value ?? "This has no finite value.");
  }
});

test("a sum of two whole numbers has the key that it has among the other tasks, whatever its order", () => {
  expect(pair("586", "+", "347").key).toBe(keyOf({ operation: "+", a: 347, b: 586 }));
  expect(pair("12", "*", "7").key).toBe(keyOf({ operation: "\u00d7", a: 7, b: 12 }));
});
