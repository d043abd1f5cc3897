import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { starters } from "../../docs/course/build.ts";
import { startCourse } from "../../src/learn/start.ts";
import { STEPS } from "../../src/learn/steps.ts";
import { codeOf } from "../support/codes.ts";

const start = join(import.meta.dirname, "../../docs/course/start");

it("the starter files are those of src/reference and src/model.ts, without bodies: npx tsx docs/course/build.ts", () => {
  const made = starters();
  expect(readdirSync(start).sort()).toEqual([...made.keys()].sort());
  for (const [name, text] of made) expect(readFileSync(join(start, name), "utf8"), name).toBe(text);
});

it("every step has a file, whose function is there and empty", () => {
  for (const { name, exports } of STEPS) {
    const text = readFileSync(join(start, `${name}.ts`), "utf8");
    expect(text).toContain(`export function ${exports}`);
    expect(text).toContain(`throw new Error("${exports} is not written yet");`);
    expect(text.replace(/\/\*[^]*?\*\//g, "")).not.toMatch(/for \(|Math\./);
  }
});

it("below what lets nobody make folders it ends at once, with an error: Node's own recursive mkdir would not in /proc", () => {
  for (const folder of ["/proc/none", "/proc/none/course", "/proc/self/none/course"]) {
    expect(
      codeOf(() => startCourse(folder)),
      folder,
    ).toBe("E_OUT_WRITE");
  }
});
