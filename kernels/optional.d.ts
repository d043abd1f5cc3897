/** Packages that may be missing, without which this compiles too. What is used of them is described where it is used. */
declare module "gpu.js";
declare module "webgpu";
