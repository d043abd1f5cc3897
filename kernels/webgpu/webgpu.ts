/** What this package uses of WebGPU, typed, and the numbers of its flags, which stand in the specification. */

/** Uses of a buffer. */
export const USAGE = { mapRead: 0x1, copySrc: 0x4, copyDst: 0x8, uniform: 0x40, storage: 0x80 } as const;
export const MAP_READ = 1;
export const COMPUTE = 4;

export interface GPUBuffer {
  readonly size: number;
  getMappedRange(): ArrayBuffer;
  mapAsync(mode: number): Promise<void>;
  unmap(): void;
  destroy(): void;
}

/** A handle that is only passed on. */
export type Opaque = object;

interface GPUPass {
  setPipeline(pipeline: Opaque): void;
  setBindGroup(index: number, group: Opaque, offsets: readonly number[]): void;
  dispatchWorkgroups(x: number, y: number, z: number): void;
  end(): void;
}

export interface GPUCommandEncoder {
  beginComputePass(): GPUPass;
  copyBufferToBuffer(from: GPUBuffer, fromAt: number, to: GPUBuffer, at: number, bytes: number): void;
  finish(): Opaque;
}

export interface GPULimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}

export interface GPUDevice {
  readonly limits: GPULimits;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: {
    submit(commands: readonly Opaque[]): void;
    writeBuffer(to: GPUBuffer, at: number, data: ArrayBufferView, first?: number, count?: number): void;
  };
  onuncapturederror: ((event: { readonly error: Error }) => void) | null;
  createBuffer(of: { readonly size: number; readonly usage: number; readonly mappedAtCreation?: boolean }): GPUBuffer;
  createShaderModule(of: { readonly code: string }): Opaque;
  createBindGroupLayout(of: object): Opaque;
  createPipelineLayout(of: object): Opaque;
  createComputePipeline(of: object): Opaque;
  createBindGroup(of: object): Opaque;
  createCommandEncoder(): GPUCommandEncoder;
  destroy(): void;
}

export interface GPUAdapter {
  readonly limits: GPULimits;
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
  requestDevice(of: object): Promise<GPUDevice>;
}

/** `navigator.gpu`. */
export interface GPUEntry {
  readonly wgslLanguageFeatures?: ReadonlySet<string>;
  requestAdapter(options?: object): Promise<GPUAdapter | null>;
}

/** What is said of an adapter. */
export interface Described {
  /** The adapter's own name. */
  readonly adapter: string;
  /** Whether the adapter is a program and no GPU. */
  readonly software: boolean;
}

/** An adapter's own name, and whether it is a program. */
export function describe({ info }: GPUAdapter): Described {
  const words = [info.vendor, info.architecture, info.device, info.description].filter((word) => word !== "");
  const software =
    info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(words.join(" "));
  return { adapter: info.description || words.join(" ") || "without a name", software };
}
