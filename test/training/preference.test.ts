import { expect, it } from "vitest";
import { preference } from "../../src/training/preference.ts";
import { golden } from "../support/golden.ts";

const file = golden("training/preference");

it("the loss of a pair and its slope are torch's in float64, near and far", () => {
  const [losses, slopes] = [file.values("loss"), file.values("slope")];
  Array.from(file.values("chosen")).forEach((chosen, i) => {
    const made = preference(chosen, 0.25);
    expect(Math.abs(made.loss - losses[i]!)).toBeLessThanOrEqual(1e-15 + 1e-15 * losses[i]!);
    expect(Math.abs(-made.slope - slopes[i]!)).toBeLessThanOrEqual(1e-15);
  });
});

it("the slope is that of the loss, by finite differences", () => {
  for (const d of [-3, -0.1, 0, 0.1, 3]) {
    const rise = (preference(d + 1e-5, 0).loss - preference(d - 1e-5, 0).loss) / 2e-5;
    expect(rise).toBeCloseTo(-preference(d, 0).slope, 9);
  }
});
