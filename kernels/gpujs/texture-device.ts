/**
 * Kernels on a GPU by WebGL2 or WebGL, in browsers: numbers lie in textures, and stay there. In WebGL2 a dot of a texture is
 * one float32; WebGL can only write to dots of four, of which three are idle. A texture cannot be written in place, so a
 * cache's rows are joined to a new one.
 */
import { LimitError } from "../../src/errors.ts";
import { lost } from "../webgpu/failures.ts";
import { Compiled } from "./compiled.ts";
import type { Argument, Device, Flat, Handle, Kernel, Report, TextureMode, Thread } from "./device.ts";
import { flat } from "./flat.ts";
import type { GpuJsModule, TextureResult, Value } from "./gpujs.ts";

/** A flat index is a float in these kernels, right below it. */
const MOST_NUMBERS = 2 ** 24;

class Texture implements Handle {
  result: TextureResult;
  readonly length: number;
  constructor(result: TextureResult, length: number) {
    this.result = result;
    this.length = length;
  }
}

export class TextureDevice implements Device {
  readonly report: Report & { readonly mode: TextureMode };
  readonly threads = 1;
  private readonly gpujs: GpuJsModule;
  private readonly compiled: Compiled;
  /** Numbers that a texture holds. */
  private readonly most: number;

  constructor(gpujs: GpuJsModule, report: Report & { readonly mode: TextureMode }, side: number) {
    this.gpujs = gpujs;
    this.report = report;
    this.most = Math.min(MOST_NUMBERS, side ** 2);
    this.compiled = new Compiled(gpujs, report.mode, 1);
  }

  upload(name: string, length: number, fill: (into: Float32Array) => void): Handle {
    this.fits(length, name);
    const data = new Float32Array(length);
    fill(data);
    const { Input } = this.gpujs;
    return this.now({ text: same, output: [length], constants: {} }, [new Input(data, [length])]);
  }

  reserve(name: string, length: number): Handle {
    return this.upload(name, length, () => undefined);
  }

  write(from: Handle, to: Handle, at: number): void {
    const [rows, place] = [from as Texture, to as Texture];
    const kernel = { text: joined, output: [to.length], constants: {} };
    const { result } = this.now(kernel, [value(place), value(rows), at, from.length]) as Texture;
    place.result.delete();
    place.result = result;
  }

  async run(kernel: Kernel, ...given: readonly Argument[]): Promise<Handle> {
    return this.now(kernel, given.map(value));
  }

  async read(from: Handle): Promise<Float32Array> {
    const data = flat((from as Texture).result.toArray());
    this.check();
    return data;
  }

  free(handle: Handle): void {
    (handle as Texture).result.delete();
  }

  close(): void {
    void this.compiled.close();
  }

  private get where(): string {
    return `gpujs on ${this.report.mode}`;
  }

  private now(kernel: Kernel, given: Value[]): Handle {
    this.check();
    const length = kernel.output.reduce((product, n) => product * n, 1);
    this.fits(length, `the result of ${kernel.text.name}`);
    return new Texture(this.compiled.now(kernel, given) as TextureResult, length);
  }

  /** Throws LimitError where so many numbers are too many. */
  private fits(length: number, what: string): void {
    if (length > this.most) throw tooLarge(this.where, this.most, what, length);
  }

  /** Throws if the context is gone: its calls then do nothing, and all is zeros. */
  private check(): void {
    if (this.compiled.context?.isContextLost() !== true) return;
    throw lost(this.where, "its context is gone");
  }
}

/** The identity: from this computer's memory to a texture. */
function same(this: Thread<object>, x: Flat): number {
  return x[this.thread.x]!;
}

/** `count` numbers of `rows` in the place of those from `at` on. */
function joined(this: Thread<object>, old: Flat, rows: Flat, at: number, count: number): number {
  if (this.thread.x < at) {
    return old[this.thread.x]!;
  }
  if (this.thread.x >= at + count) {
    return old[this.thread.x]!;
  }
  return rows[this.thread.x - at]!;
}

/** A texture as gpu.js takes it, with the sizes by which the kernel indexes it. */
function value(given: Argument): Value {
  if (typeof given === "number") return given;
  const [handle, width] = "handle" in given ? [given.handle, given.width] : [given, given.length];
  const { result } = handle as Texture;
  result.dimensions = [width, handle.length / width, 1];
  return result;
}

function tooLarge(where: string, most: number, what: string, length: number): LimitError {
  return new LimitError("E_LIMIT_GPU", where, {
    expected: `at most ${most.toLocaleString("en-US")} numbers in a texture`,
    actual: length.toLocaleString("en-US"),
    tensor: what,
    hint: "Take the backend wasm.",
  });
}

/** What this WebGL runs on here, and dots on a side of its largest texture; undefined where there is none. */
export function describeWebGL(
  mode: TextureMode,
): { readonly name: string; readonly software: boolean; readonly side: number } | undefined {
  const Canvas = (globalThis as { OffscreenCanvas?: new (width: number, height: number) => Canvas }).OffscreenCanvas;
  const gl = Canvas === undefined ? null : new Canvas(1, 1).getContext(mode);
  if (gl === null) return undefined;
  const shown = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(shown === null ? 0x1f01 : shown.UNMASKED_RENDERER_WEBGL));
  const side = gl.getParameter(0x0d33) as number; // MAX_TEXTURE_SIZE
  return { name, software: /swiftshader|llvmpipe|softpipe|basic render/i.test(name), side };
}

interface Canvas {
  getContext(kind: TextureMode): {
    getExtension(name: string): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
    getParameter(name: number): unknown;
  } | null;
}
