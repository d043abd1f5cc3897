import { describe, expect, it } from "vitest";
import { configOf, DEFAULTS, readSettings } from "../../src/training/settings.ts";
import { failure } from "../support/folder.ts";

describe("settings", () => {
  it("what a file does not say is as by default", () => {
    const made = readSettings(
      '{"cold": {"steps": 7, "mixture": {"story": 0.5}}, "one": {"advantage": "centred"}}',
      "s.json",
    );
    expect(made.cold).toEqual({ ...DEFAULTS.cold, steps: 7, mixture: { ...DEFAULTS.cold.mixture, story: 0.5 } });
    expect(made.one.advantage).toBe("centred");
    expect(readSettings("{}", "s.json")).toEqual(DEFAULTS);
  });

  it("make a config of QwQ's ratios", () => {
    const config = configOf(DEFAULTS, 448);
    expect(config).toMatchObject({
      architecture: "qwen2",
      heads: 10,
      keyHeads: 2,
      eps: 1e-5,
      tied: false,
      biases: true,
    });
    expect(config.heads / config.keyHeads).toBe(5);
  });

  it.each([
    ['{"cold": {"step": 7}}', "s.json: expected one of floor, horizon, norm", "cold.step"],
    ['{"cold": {"steps": 1.5}}', "cold.steps to be a whole number from 0", "1.5"],
    ['{"cold": {"batch": 0}}', "cold.batch to be a whole number from 1", "0"],
    ['{"cold": {"rate": -1}}', "cold.rate to be a number from 0", "-1"],
    ['{"one": {"advantage": "other"}}', "one.advantage to be scaled or centred", '"other"'],
    ['{"one": 3}', "one to be an object", "3"],
    ["[]", "the settings to be an object", "an array"],
    ['{"__proto__": 3}', "one of model", "__proto__"],
    ['{"model": {"heads": 3}}', "model.heads to be a multiple of model.keyHeads", "3 and 2"],
    ['{"cold": {"mixture": {"arithmetic": 0}}}', "cold.mixture to have some kind of problem", "none of any"],
    ['{"two": {"mixture": {"arithmetic": 0}}}', "two.mixture to have some kind of problem", "none of any"],
    ['{"corpus": {"arithmetic": 0}}', "corpus to have some kind of problem", "none of any"],
    ['{"one": {"kl": -0.1}}', "one.kl to be a number from 0", "-0.1"],
    ['{"model": {"headSize": 3}}', "model.headSize to be even", "3"],
  ])("refuse %s", (text, expected, actual) => {
    const error = failure(() => readSettings(text, "s.json"));
    expect(error.code).toBe("E_TRAIN_SETTING");
    expect(error.message).toContain(expected);
    expect(error.actual).toBe(actual);
  });
});
