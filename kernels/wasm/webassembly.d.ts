/** The part of WebAssembly's own interface that is used here; TypeScript has it only together with the browser's. */
declare namespace WebAssembly {
  type Module = object;
  const Module: {
    new (bytes: Uint8Array): Module;
    customSections(module: Module, name: string): readonly ArrayBuffer[];
  };
  interface Memory {
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
    grow(pages: number): number;
  }
  const Memory: { new (size: { initial: number; maximum: number; shared: boolean }): Memory };
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  const Instance: { new (module: Module, imports: Readonly<Record<string, object>>): Instance };
  function validate(bytes: Uint8Array): boolean;
}
