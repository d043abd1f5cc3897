/** Programs that do not end. */
import { functions, type Hostile, programs } from "./program.ts";

export const ENDLESS: readonly Hostile[] = [
  ...functions([
    ["a loop", "timeout", "function f() { for (;;); }"],
    ["a loop before the call", "timeout", "while (true); function f(a, b) { return a + b; }"],
    ["returns that call", "timeout error", "function f(a, b) { try { return f(a, b); } finally { return f(a, b); } }"],
    ["a regular expression that tries everything", "timeout", "const f = () => /^(a+)+$/.test('a'.repeat(60) + 'b')"],
    ["promises without a pause", "timeout", "const f = async () => { for (;;) await null; }"],
    ["a promise that nobody keeps", "error timeout", "const f = () => new Promise(() => {})"],
    ["a clock that ticks", "timeout", "const f = () => new Promise(() => setInterval(() => {}, 1))"],
    [
      "timers that start each other",
      "timeout",
      "const f = () => new Promise(() => { (function t() { setTimeout(t); })(); })",
    ],
    ["a comparison that waits", "timeout", "const f = () => [3, 1, 2].sort(() => { for (;;); })"],
    [
      "a wait on shared memory",
      "timeout error",
      "const f = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    ],
    ["a getter of its result", "timeout", "const f = () => ({ get x() { for (;;); } })"],
    ["a trap of its result", "timeout", "const f = () => new Proxy({}, { ownKeys() { for (;;); } })"],
    [
      "a loop in WebAssembly",
      "timeout",
      "const f = () => { const m = new WebAssembly.Module(new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,3,64,12,0,11,11])); new WebAssembly.Instance(m).exports.f(); }",
    ],
    ["a thenable that never tires", "timeout error", "const f = () => { const t = { then(r) { r(t); } }; return t; }"],
    ["numbers that double their digits", "timeout error memory", "const f = () => { let x = 3n; for (;;) x = x * x; }"],
    [
      "a class that begins with a loop",
      "timeout",
      "class A { static { do {} while (true); } } const f = (a, b) => a + b;",
    ],
  ]),
  ...programs([
    [
      "a loop that will not hear",
      "timeout",
      "process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); for (;;);",
    ],
    ["a loop at the exit", "timeout", "process.on('exit', () => { for (;;); });"],
    [
      "errors that are swallowed",
      "timeout",
      "process.on('uncaughtException', () => {}); setInterval(() => { throw 1; }, 1);",
    ],
    ["an end that begins again", "timeout", "process.on('beforeExit', () => setTimeout(() => {}, 1));"],
    ["ticks before anything else", "timeout", "(function t() { process.nextTick(t); })();"],
    ["input that is read for ever", "timeout", "process.stdin.on('end', () => setInterval(() => {}, 1000)).resume();"],
  ]),
];
