import { homedir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dataFolder, kernelFolder, kernelSpec } from "../../../src/notebook/kernel/install.ts";

it("kernels lie where Jupyter looks for them", () => {
  expect(dataFolder({ JUPYTER_DATA_DIR: "/j" }, "linux")).toBe("/j");
  expect(dataFolder({ XDG_DATA_HOME: "/x" }, "linux")).toBe("/x/jupyter");
  expect(dataFolder({}, "linux")).toBe(join(homedir(), ".local/share/jupyter"));
  expect(dataFolder({}, "darwin")).toBe(join(homedir(), "Library/Jupyter"));
});

it("a kernel has a folder of its own, and the spec starts our command", () => {
  expect(kernelFolder("/j", "qwq")).toBe(join("/j", "kernels", "qwq"));
  expect(JSON.parse(kernelSpec(["node", "main.js"], "TypeScript"))).toMatchObject({
    argv: ["node", "main.js", "{connection_file}"],
    display_name: "TypeScript",
    interrupt_mode: "message",
  });
});
