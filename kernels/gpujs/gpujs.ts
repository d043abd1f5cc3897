/**
 * What this package uses of gpu.js 2.24, typed: its own declarations take `input` for a type, do not know promises as
 * results, and lack what WebGPU needs.
 */
import type { GPUDevice, GPUBuffer } from "../webgpu/webgpu.ts";

/** A flat array with sizes, x first. */
export interface Input {
  readonly value: Float32Array;
  readonly size: readonly number[];
}

/** A buffer that is destroyed with the last that has a share in it. */
export interface CountedBuffer extends GPUBuffer {
  _refs: number;
}

/** A result that stays on the device. `delete` gives its share in the buffer back. */
export interface BufferResult {
  readonly buffer: GPUBuffer;
  /** Sizes, x first: what a kernel that indexes by rows goes by. */
  output: readonly number[];
  delete(): void;
}

/** A result in a texture of WebGL. */
export interface TextureResult {
  /** Texels. */
  readonly size: readonly number[];
  /** Sizes, x first: what a kernel that indexes by rows goes by. It has them in its text. */
  dimensions: readonly number[];
  toArray(): Nested;
  delete(): void;
}

/** Numbers of any nesting. */
export type Nested = Float32Array | readonly Nested[];

/** What kernels of gpu.js take, and give. */
export type Value = Input | BufferResult | TextureResult | number;
export type Result = Nested | BufferResult | TextureResult;

/** A function that runs a kernel, with the kernel itself, which may be replaced behind it. */
export interface Shortcut {
  (...given: Value[]): Result | Promise<Result>;
  readonly kernel?: InnerKernel;
}

export interface InnerKernel {
  readonly constructor: { readonly mode?: string };
  readonly fallbackReason?: string;
  /** WebGPU's last result, which has a share in its buffer. */
  outputBuffer?: CountedBuffer | null;
  /** WebGL's, of the version that it runs on. */
  readonly context?: unknown;
  /** Its worker threads. Every kernel would start its own. */
  _pool?: { readonly size: number; destroy(): void } | null;
  /** WebAssembly's modules and memories, and how one is given up. */
  readonly _moduleCache?: Map<unknown, unknown>;
  _releaseEntry?(entry: unknown): void;
  destroy(): void;
}

export interface Settings {
  readonly output: readonly number[];
  readonly constants: Readonly<Record<string, number>>;
  readonly functions?: readonly unknown[];
  readonly strictIntegers: true;
  readonly precision: "single";
  readonly pipeline: true;
  readonly immutable: true;
  readonly asyncMode: boolean;
  readonly loopMaxIterations: number;
  readonly poolSize?: number;
  /** WebGL would take float16 where it thinks that it is enough. */
  readonly tactic?: "precision";
}

export interface Gpu {
  /** WebGL's, once a kernel was made. */
  readonly context?: { isContextLost(): boolean } | null;
  createKernel(text: unknown, settings: Settings): Shortcut;
  destroy(): Promise<void>;
}

/** One device for all of gpu.js, with whether it is gone. */
export interface Context {
  readonly device: GPUDevice;
  readonly isLost: boolean;
}

export interface GpuJsModule {
  GPU: new (settings: { readonly mode: string }) => Gpu;
  Input: new (value: Float32Array, size: readonly number[]) => Input;
  WebGPUContext: { acquire(): Promise<Context>; destroy(): Promise<void> };
  WebGPUBufferResult: new (settings: {
    readonly buffer: GPUBuffer;
    readonly output: readonly number[];
    readonly context: Context;
  }) => BufferResult;
}
