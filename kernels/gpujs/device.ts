/**
 * What the kernels run on, as the rest of this folder sees it: numbers on a device, and functions of them. Nothing here
 * knows gpu.js; adapter.ts does.
 */

/** WebGL, which browsers have: a GPU whose numbers lie in textures. */
export const TEXTURES = ["webgl2", "webgl"] as const;
export type TextureMode = (typeof TEXTURES)[number];

/** Where kernels can run. `dev` is plain JavaScript, for a debugger. */
export const MODES = ["webgpu", ...TEXTURES, "webasm", "cpu", "dev"] as const;
export type Mode = (typeof MODES)[number];

/** Whether it is WebGL, of either version. */
export function isTextures(mode: Mode | "auto"): mode is TextureMode {
  return TEXTURES.some((one) => one === mode);
}

/** What was asked for, and what runs. */
export interface Report {
  readonly requested: Mode | "auto";
  readonly mode: Mode;
  /** The adapter's own name; undefined where there is none. */
  readonly adapter: string | undefined;
  /** Whether the adapter is a program and no GPU. */
  readonly software: boolean;
  /** Why it is this mode, where another was hoped for. */
  readonly reason: string | undefined;
}

/** Float32 numbers that live on the device. */
export interface Handle {
  readonly length: number;
}

/** A handle seen as rows of `width` numbers: for kernels that index it as `m[row][column]`. */
export interface Rows {
  readonly handle: Handle;
  readonly width: number;
}

/** What a kernel is given: numbers as a flat array or as rows, or one whole number. */
export type Argument = Handle | Rows | number;

/** What `this` is in a kernel's text. */
export interface Thread<C> {
  readonly thread: { readonly x: number; readonly y: number; readonly z: number };
  readonly constants: C;
}
/** A flat array in a kernel's text. */
export type Flat = Float32Array;
/** Rows in a kernel's text, `m[row][column]`. A flat index is a float there, wrong from 2^24 on; this never is. */
export type Matrix = readonly Float32Array[];

/** A function of module level that gpu.js translates: no closures, no inner functions, one number as its result. */
export type Text = (this: never, ...given: never[]) => number;

/** A kernel: its text, with every size. */
export interface Kernel {
  readonly text: Text;
  /** Helpers that the text calls, of module level too. */
  readonly functions?: readonly ((...given: never[]) => number)[];
  /** Sizes of the output, x first; it is stored with x fastest. */
  readonly output: readonly number[];
  readonly constants: Readonly<Record<string, number>>;
}

/** A place where kernels run. */
export interface Device {
  readonly report: Report;
  /** Threads that share a large kernel. */
  readonly threads: number;
  /** Brings numbers there. `fill` writes them; it is called once, before this returns. `name` is for errors. */
  upload(name: string, length: number, fill: (into: Float32Array) => void): Handle;
  /** Zeros, to be written by `write`. */
  reserve(name: string, length: number): Handle;
  /** Copies the whole of `from` into `to` at element `at`. */
  write(from: Handle, to: Handle, at: number): void;
  /** Runs a kernel; the result lies with x fastest. */
  run(kernel: Kernel, ...given: readonly Argument[]): Promise<Handle>;
  /** Brings numbers back, and reports what went wrong before. */
  read(from: Handle): Promise<Float32Array>;
  free(handle: Handle): void;
  /** Ends threads, and frees everything. */
  close(): void;
}
