/** What this package uses of WebGPU, typed, and the numbers of its flags, which stand in the specification. */

export const USAGE = { mapRead: 0x1, copySrc: 0x4, copyDst: 0x8, storage: 0x80 } as const;
export const MAP_READ = 1;

export interface GPUBuffer {
  readonly size: number;
  getMappedRange(): ArrayBuffer;
  mapAsync(mode: number): Promise<void>;
  unmap(): void;
  destroy(): void;
}

interface GPUCommandEncoder {
  copyBufferToBuffer(from: GPUBuffer, fromAt: number, to: GPUBuffer, at: number, bytes: number): void;
  finish(): unknown;
}

export interface GPUDevice {
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  readonly queue: { submit(commands: readonly unknown[]): void };
  onuncapturederror: ((event: { readonly error: { readonly message: string } }) => void) | null;
  createBuffer(of: { readonly size: number; readonly usage: number; readonly mappedAtCreation?: boolean }): GPUBuffer;
  createCommandEncoder(): GPUCommandEncoder;
  destroy(): void;
}

export interface GPUAdapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
}

/** `navigator.gpu`. */
export interface GPUEntry {
  readonly wgslLanguageFeatures?: ReadonlySet<string>;
  requestAdapter(options?: object): Promise<GPUAdapter | null>;
}

/** An adapter's own name, and whether it is a program. */
export function describe({ info }: GPUAdapter): { readonly name: string; readonly software: boolean } {
  const words = [info.vendor, info.architecture, info.device, info.description].filter((word) => word !== "");
  const software =
    info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(words.join(" "));
  return { name: info.description || words.join(" "), software };
}
