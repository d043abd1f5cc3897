/** Modes that there are, and that are not here: an error each, and never another mode. */
import { expect, it } from "vitest";
import { gpujsBackend, gpujsMode } from "../../../kernels/gpujs/index.ts";

it.each([
  ["webgl2", "WebGL2"],
  ["webgl", "WebGL"],
] as const)("%s, which Node has not, is refused with what to take", async (mode, name) => {
  expect(gpujsMode(`gpujs:${mode}`)).toBe(mode);
  await expect(gpujsBackend({ mode })).rejects.toMatchObject({
    code: "E_ARG_BACKEND",
    message: `gpujs: expected ${name}, got none. It is there in browsers only; take --backend gpujs:webasm.`,
  });
});

it("a mode that there is not is refused with those that there are", () => {
  for (const name of ["gpujs:vulkan", "gpujs:cpu:2", "gpujs:"]) {
    expect(() => gpujsMode(name)).toThrow(
      "--backend: expected gpujs or one of gpujs:webgpu, gpujs:webgl2, gpujs:webgl, gpujs:webasm, gpujs:cpu, gpujs:dev, " +
        `got ${name}. webgl2 and webgl run in browsers only.`,
    );
  }
  expect(gpujsMode("gpujs")).toBe("auto");
  expect(gpujsMode("wasm")).toBeUndefined();
});
