/** The words alone; what they do stands in protections.test.ts. */
import { expect, it } from "vitest";
import { entering } from "../../../src/verify/server/enter.ts";

const LIMITS = { data: 300, fsize: 0, core: 0, nofile: 64, cpu: 605, nproc: 48 };
const words = (user: number | undefined, machine: string) =>
  entering("/usr/bin/perl", "/proc/7/ns", user, LIMITS, Buffer.from([1, 2]), machine);

it("limits go by the numbers of the system, those of 0 too; the user and the filter as they are", () => {
  expect(words(1003, "x64")!.slice(3)).toEqual([
    "/proc/7/ns",
    "308 272 157 302 116 119 117 126",
    "1003",
    "0:605 1:0 2:300 4:0 6:48 7:64",
    "0102",
  ]);
  expect(words(undefined, "arm64")![5]).toBe("");
});

it("a machine whose system calls are not known has no such way", () => {
  expect(words(1000, "riscv64")).toBeUndefined();
});
