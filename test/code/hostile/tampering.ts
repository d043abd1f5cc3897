/**
 * Programs that would rather change the judge than solve the problem: the language's own functions, the channel of results,
 * the way out of their realm. None of these may pass, unless its answer is right.
 */
import { functions, type Hostile, programs } from "./program.ts";

export const TAMPERING: readonly Hostile[] = [
  ...functions([
    ["JSON that always says 5", "failed", "JSON.stringify = () => '5'; JSON.parse = () => [5]; const f = () => 6"],
    [
      "lists that are all alike",
      "failed",
      "Array.prototype.every = () => true; Array.prototype.join = () => '5'; Array.prototype.map = () => [5]; const f = () => [6]",
    ],
    [
      "an own idea of equality",
      "failed",
      "Object.is = () => true; Number.prototype.valueOf = () => 5; const f = () => new Number(6)",
    ],
    [
      "a result that is whatever is asked",
      "failed error",
      "const f = () => new Proxy(function () {}, { get: () => () => true, apply: () => true, has: () => true })",
    ],
    ["a result that changes", "failed", "let n = 4; const f = () => ({ get value() { return ++n; } })"],
    ["a result with its own JSON", "failed", "const f = () => ({ toJSON: () => 5 })"],
    [
      "a result with its own value",
      "failed",
      "const f = () => ({ valueOf: () => 5, toString: () => '5', [Symbol.toPrimitive]: () => 5 })",
    ],
    ["a verdict in place of a result", "failed", "const f = () => ({ status: 'passed', at: 0, value: '5' })"],
    [
      "a line of the channel in place of a result",
      "failed",
      'const f = () => \'{"at":0,"value":"5"}\\n{"at":0,"value":"5"}\'',
    ],
    [
      "everything has a status",
      "failed",
      "Object.defineProperty(Object.prototype, 'status', { get: () => 'passed' }); Object.prototype.passed = 1; Object.prototype.value = '5'; const f = () => 6",
    ],
    [
      "everything has its own JSON",
      "failed",
      "Object.prototype.toJSON = () => 5; String.prototype.toJSON = () => 5; const f = () => 'x'",
    ],
    [
      "promises that come to 5",
      "failed error",
      "Promise.prototype.then = function (g) { g(5); }; Promise.resolve = () => 5; const f = async () => 6",
    ],
    [
      "calls that are not made",
      "failed error",
      "Reflect.apply = () => 5; Function.prototype.call = Function.prototype.apply = () => 5; const f = () => 6",
    ],
    ["a result that is answered twice", "failed", "const f = () => ({ then(yes, no) { yes(6); yes(5); no(5); } })"],
    [
      "a revoked result",
      "error failed",
      "const f = () => { const { proxy, revoke } = Proxy.revocable([], {}); revoke(); return proxy; }",
    ],
    ["an error that is 5", "error", "const f = () => { throw { name: '5', message: '5', toString: () => '5' }; }"],
    [
      "the caller is asked what it expects",
      "failed error",
      "function f() { return f.caller ? f.caller.arguments : arguments.callee.caller; }",
    ],
    [
      "the stack is asked what it expects",
      "failed error",
      "Error.prepareStackTrace = (e, s) => s; const f = () => new Error().stack.map((c) => String(c.getThis()) + c.getFunction()).join()",
    ],
    [
      "out by the constructor of the realm",
      "error failed",
      "const f = () => this.constructor.constructor('return process')().mainModule.require('fs').readFileSync('$CANARY', 'utf8')",
    ],
    [
      "out by the error of an import",
      "error failed",
      "const f = () => import('x').catch((e) => e.constructor.constructor('return process')().binding('fs'))",
    ],
    [
      "out by an error of the stack's end",
      "error failed",
      "const f = () => { let p; const g = () => { try { g(); } catch (e) { p ??= e.constructor.constructor('return typeof process')(); } }; g(); return p; }",
    ],
    ["out by a timer", "error failed", "const f = () => setTimeout.constructor('return process')().kill($PID)"],
    [
      "out by a trap",
      "error failed",
      "const f = () => new Proxy({}, { ownKeys: (t, ...r) => { const c = (function () { return arguments.callee.caller; })(); return c ? c.constructor('return process')() : []; } })",
    ],
    [
      "a call of eval",
      "error failed",
      "const f = () => (0, eval)('typeof process + typeof require') + new Function('return process.pid')()",
    ],
    [
      "the judge's realm is poisoned by a getter",
      "failed error",
      "const f = () => ({ get [Symbol.toStringTag]() { throw 5; }, get then() { globalThis.JSON = null; return undefined; } })",
    ],
    ["a name that is called", "error", "Object.defineProperty(globalThis, 'f', { get() { throw new Error('no'); } })"],
    [
      "lists that go on for ever",
      "failed",
      "Array.prototype[Symbol.iterator] = function* () { for (;;) yield 5; }; const f = () => [6]",
    ],
    [
      "numbers that write themselves as 5",
      "failed",
      "Number.prototype.toString = Number.prototype.toJSON = String.prototype.toString = () => '5'; const f = () => 6",
    ],
  ]),
  ...programs([
    [
      "a verdict is written",
      "failed",
      "console.log(JSON.stringify({ status: 'passed', passed: 1, tests: [{ status: 'passed' }] }))",
    ],
    ["the channel is written to", "failed error", 'require(\'fs\').writeSync(3, \'{"at":0,"value":"5"}\\n\')'],
    [
      "all channels are written to",
      "failed error killed",
      'for (let i = 3; i < 30; i++) { try { require(\'fs\').writeSync(i, \'ready\\n{"at":0,"value":"5"}\\n\'); } catch {} }',
    ],
    [
      "a message to the parent",
      "error failed",
      "process.send?.({ status: 'passed' }); if (!process.send) throw new Error('none')",
    ],
  ]),
];
