/** What every kernel's text begins with. */

/** Its parameters, whole numbers or (by `bitcast`) float32, and its buffers in order: those it reads, those it writes. */
export function head(params: readonly string[], reads: readonly string[], writes: readonly string[]): string {
  const fields = params.map((field) => (field.includes(":") ? field : `${field}: u32`)).join(", ");
  const buffers = [...reads.map((x) => `read> ${x}`), ...writes.map((x) => `read_write> ${x}`)];
  return [
    `struct Params { ${fields} }`,
    "@group(0) @binding(0) var<uniform> p: Params;",
    ...buffers.map((buffer, i) => {
      const [access, name, type = "f32"] = /^(\S+) (\w+)(?:: (\w+))?$/.exec(buffer)!.slice(1);
      return `@group(0) @binding(${i + 1}) var<storage, ${access!} ${name!}: array<${type}>;`;
    }),
    "",
  ].join("\n");
}

/** Workgroups of `size` threads for `threads` of them. One axis holds 65,535: further ones go to the second axis. */
export function groupsOf(threads: number, size = 64): readonly [number, number, number] {
  const groups = Math.ceil(threads / size);
  const rows = Math.ceil(groups / 65535);
  return [Math.ceil(groups / rows), rows, 1];
}

/** The flat number of a thread that was started by `groupsOf`. */
export const FLAT = "id.x + id.y * n.x * 64";
/** Its builtins. */
export const BUILTINS = "@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) n: vec3u";
