/** Programs that take all the memory they can get. */
import { functions, type Hostile, programs } from "./program.ts";

export const MEMORY: readonly Hostile[] = [
  ...functions([
    [
      "arrays in an array",
      "memory timeout",
      "const f = () => { const all = []; for (;;) all.push(new Array(1000).fill(0)); }",
    ],
    ["a string that doubles", "error memory", "const f = () => { let s = 'x'; for (;;) s += s; }"],
    [
      "strings that are written out",
      "memory error timeout",
      "const f = () => { const all = []; for (let i = 0; ; i++) all.push(Array(1e5).fill(i).join()); }",
    ],
    ["bytes", "memory", "const f = () => { const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1)); }"],
    ["one array of all bytes", "error memory", "const f = () => new Uint8Array(2 ** 33).fill(1).length"],
    [
      "shared memory",
      "error memory killed",
      "const f = () => { const all = []; for (;;) all.push(new Uint8Array(new SharedArrayBuffer(1e7)).fill(1)); }",
    ],
    [
      "memory of WebAssembly",
      "error memory",
      "const f = () => { const m = new WebAssembly.Memory({ initial: 1 }); for (;;) { m.grow(1000); new Uint8Array(m.buffer).fill(1); } }",
    ],
    [
      "many memories of WebAssembly",
      "error memory timeout",
      "const f = () => { const all = []; for (;;) { const m = new WebAssembly.Memory({ initial: 100 }); new Uint8Array(m.buffer).fill(1); all.push(m); } }",
    ],
    [
      "a memory that can grow in place",
      "error memory",
      "const f = () => { const b = new ArrayBuffer(1, { maxByteLength: 2 ** 32 }); for (let n = 1e7; ; n += 1e7) { b.resize(n); new Uint8Array(b).fill(1); } }",
    ],
    [
      "a map",
      "memory error timeout",
      "const f = () => { const m = new Map(); for (let i = 0; ; i++) m.set(i, { i }); }",
    ],
    [
      "closures",
      "memory timeout",
      "const f = () => { let g = () => 0; const all = []; for (;;) { const h = g; all.push((g = () => h)); } }",
    ],
    ["a generator spread out", "memory error timeout", "const f = () => [...(function* () { for (;;) yield {}; })()]"],
    [
      "a list with holes, written out",
      "error memory timeout",
      "const f = () => Array(2 ** 27).join('abcdefgh').length",
    ],
    [
      "promises that wait for each other",
      "memory timeout",
      "const f = () => { let p = Promise.resolve(); const all = []; for (;;) all.push((p = p.then(() => p))); }",
    ],
    [
      "code made of code",
      "memory error timeout",
      "const f = () => { const all = []; for (let i = 0; ; i++) all.push(Function('return ' + Array(1e4).fill(i).join('+'))); }",
    ],
    [
      "symbols that are kept for ever",
      "memory timeout",
      "const f = () => { for (let i = 0; ; i++) Symbol.for('x'.repeat(1e4) + i); }",
    ],
    [
      "a result without an end",
      "output error",
      "const f = () => new Proxy([], { get: (t, k) => (k === 'length' ? 2 ** 32 - 1 : 1) })",
    ],
    ["a result that holds itself", "failed error", "const f = () => { const a = []; a.push(a); return a; }"],
    [
      "a result that grows as it is read",
      "failed output error",
      "const f = () => { const g = () => ({ get x() { return g(); } }); return g(); }",
    ],
    ["a stack without an end", "error", "const f = (a, b) => 1 + f(a, b)"],
  ]),
  ...programs([
    ["buffers", "memory error", "const all = []; for (;;) all.push(Buffer.alloc(1e7, 1));"],
    [
      "buffers that are not cleared",
      "memory error timeout",
      "const all = []; for (;;) { const b = Buffer.allocUnsafe(1e6); b.fill(1); all.push(b); }",
    ],
    ["copies of copies", "memory error timeout", "let o = [1]; for (;;) o = [structuredClone(o), structuredClone(o)];"],
    [
      "a heap that was allowed to grow",
      "memory error timeout",
      "require('v8').setFlagsFromString('--max-old-space-size=100000'); const all = []; for (;;) all.push(new Array(1000).fill(0.5));",
    ],
    // Node that is denied memory here often ends by SIGSEGV before V8 says so; with a limit of 1 GiB, which it never meets, it does not.
    ["realms", "memory killed error timeout", "const all = []; for (;;) all.push(require('vm').createContext());"],
    [
      "compressed nothing",
      "memory error timeout",
      "const z = require('zlib'); const bomb = z.gzipSync(Buffer.alloc(5e7)); const all = []; for (;;) all.push(z.gunzipSync(bomb));",
    ],
  ]),
];
