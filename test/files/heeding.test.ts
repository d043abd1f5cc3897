import { expect, it } from "vitest";
import { heeding } from "../../src/files/heeding.ts";
import { memorySource } from "../support/sources.ts";

const tensor = { format: "U8", shape: [4], bytes: Uint8Array.of(1, 2, 3, 4) };

it("heeding asks before each window, lends the same bytes, and what is thrown then comes in place of them", () => {
  const source = memorySource(new Map([["a", tensor]]));
  let asked = 0;
  const heeded = heeding(source, () => {
    if (++asked === 3) throw new Error("enough");
  });
  const info = heeded.tensors.get("a")!;
  const lend = () => heeded.window(info, 1, 2, (bytes) => [...bytes]);
  expect([lend(), lend()]).toEqual([[2, 3], [2, 3]]); // prettier-ignore
  expect(lend).toThrow("enough");
  expect(source.windows).toHaveLength(2);
});

it("heeding passes on everything else", () => {
  const source = memorySource(new Map([["a", tensor]]));
  const said: unknown[] = [];
  const heeded = heeding(
    { ...source, expect: (course) => said.push(course), close: () => said.push("closed") },
    () => {},
  );
  const course = { walked: [], used: [] };
  heeded.expect(course);
  heeded.close();
  heeded.pin = 7;
  expect([said, heeded.pin]).toEqual([[course, "closed"], 7]);
});
