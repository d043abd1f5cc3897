/**
 * The program that waits in the sandbox for one JavaScript program, runs it, and tells what came. It is given to Node as
 * text (-e), so that the process needs no right to read any file.
 *
 * It talks on file descriptor 3. Out: "ready", then one line a result, each behind the request's nonce, which the
 * program is not told. In: the length of a message in bytes, a line feed, and the message.
 *
 * A function is called in a realm of its own (a context of node:vm that holds no object of Node's), so what a program does
 * to Array.prototype or JSON does not reach the code that reads its result. A program that reads standard input runs in
 * Node's own realm, as it would anywhere, and has the descriptors 0, 1 and 2 to itself.
 */
export const JAVASCRIPT_GUEST = String.raw`
"use strict";
const fs = require("node:fs");
const vm = require("node:vm");
const { readSync, writeSync, closeSync } = fs;
const { parse, stringify } = JSON;
const { keys } = Object;
const { isArray } = Array;
const { isFinite } = Number;
const { isView } = ArrayBuffer;

// In the realm of the program, before it comes: what is kept here it cannot change.
function prelude() {
  const { parse } = JSON;
  const { apply } = Reflect;
  const { Promise, Map, Error } = globalThis;
  const { then } = Promise.prototype;
  const quiet = () => {};
  const names = ["log", "error", "warn", "info", "debug", "trace", "table", "dir", "assert", "time", "timeEnd", "count"];
  globalThis.console = {};
  for (const name of names) globalThis.console[name] = quiet;
  return (start, stop) => {
    const waiting = new Map();
    let last = 0;
    const later = (again) => (f, wait, ...args) => {
      const id = ++last;
      waiting.set(id, { f, args, again });
      try { start(id, +wait || 0, again); } catch { throw new Error("no timer"); }
      return id;
    };
    const clear = (id) => { try { stop(+id); } catch { throw new Error("no timer"); } };
    globalThis.setTimeout = later(false);
    globalThis.setInterval = later(true);
    globalThis.setImmediate = (f, ...args) => globalThis.setTimeout(f, 0, ...args);
    globalThis.clearTimeout = globalThis.clearInterval = globalThis.clearImmediate = clear;
    globalThis.queueMicrotask = (f) => void apply(then, new Promise((done) => done()), [() => f()]);
    return {
      fire(id) {
        const timer = waiting.get(id);
        if (!timer.again) waiting.delete(id);
        apply(timer.f, undefined, timer.args);
      },
      call(f, args, done) {
        let value;
        try {
          value = apply(f, undefined, parse(args));
          if ((typeof value !== "object" && typeof value !== "function") || value === null) return done(true, value);
          if (typeof value.then !== "function") return done(true, value);
        } catch (error) { return done(false, error); }
        const both = [(value) => done(true, value), (error) => done(false, error)];
        // A promise is asked as promises are, whatever the program has made of "then"; what only acts like one, by its own.
        try { apply(then, value, both); }
        catch { apply(then, new Promise((resolve) => resolve(value)), both); }
      },
    };
  };
}

function openRealm() {
  const context = vm.createContext(Object.create(null));
  const timers = new Map();
  const start = (id, wait, again) => {
    timers.set(id, again ? setInterval(() => tools.fire(id), wait) : setTimeout(() => tools.fire(id), wait));
  };
  const stop = (id) => clearTimeout(timers.get(id));
  const tools = vm.runInContext("(" + prelude + ")()", context)(start, stop);
  return { context, tools };
}

const message = () => {
  const byte = Buffer.alloc(1);
  let length = "";
  for (;;) {
    if (readSync(3, byte, 0, 1, null) === 0) process.exit(0);
    if (byte[0] === 10) break;
    length += String.fromCharCode(byte[0]);
  }
  const bytes = Buffer.alloc(Number(length));
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(3, bytes, at, bytes.length - at, null);
    if (read === 0) process.exit(0);
    at += read;
  }
  return parse(bytes.toString("utf8"));
};

const say = (nonce, told) => {
  const bytes = Buffer.from(nonce + stringify(told) + "\n");
  for (let at = 0; at < bytes.length; ) at += writeSync(3, bytes, at);
};

// What was thrown, in words; it may be anything.
const describe = (error) => {
  try {
    const named = typeof error === "object" && error !== null && error.name !== undefined;
    return (named ? error.name + ": " + error.message : String(error)).slice(0, 500);
  } catch { return "something that cannot be written"; }
};

class Unlike { constructor(shown) { this.shown = shown; } }
class TooLong {}

// The value as JSON. Its getters and traps may run code of the program; that can only change what its own answer is.
const encode = (value, most) => {
  let left = most;
  const spend = (n) => { if ((left -= n) < 0) throw new TooLong(); };
  const walk = (value, depth) => {
    spend(4);
    switch (typeof value) {
      case "string": spend(value.length); return stringify(value);
      case "boolean": return value ? "true" : "false";
      case "number": if (!isFinite(value)) throw new Unlike(String(value)); return stringify(value);
      case "bigint": if (value !== BigInt.asIntN(53, value)) throw new Unlike(value + "n"); return String(value);
      case "object": break;
      default: throw new Unlike(typeof value === "undefined" ? "undefined" : "a " + typeof value);
    }
    if (value === null) return "null";
    if (depth > 200) throw new Unlike("a value nested more than 200 deep");
    const parts = [];
    if (isArray(value) || isView(value)) {
      const length = value.length >>> 0;
      for (let i = 0; i < length; i++) parts.push(walk(value[i], depth + 1));
      return "[" + parts.join() + "]";
    }
    for (const key of keys(value)) {
      const inner = value[key];
      if (inner === undefined) continue;
      spend(key.length);
      parts.push(stringify(key) + ":" + walk(inner, depth + 1));
    }
    return "{" + parts.join() + "}";
  };
  return walk(value, 0);
};

const entryOf = (context, name, last) => {
  if (name === undefined) return last;
  const [owner, method] = name.split(".");
  const found = method === undefined ? owner : "((o) => (...a) => o." + method + "(...a))(new " + owner + "())";
  return vm.runInContext(found, context);
};

const calls = ({ nonce, source, entry, tests, outputBytes }, { context, tools }) => {
  let at = -1;
  const failed = (error) => { say(nonce, { at, error: describe(error) }); process.exit(0); };
  process.on("uncaughtException", failed);
  process.on("unhandledRejection", failed);
  let f;
  try {
    const last = new vm.Script(source, { filename: "program.js" }).runInContext(context);
    f = entryOf(context, entry, last);
    if (typeof f !== "function") throw new TypeError((entry ?? "the last expression") + " is not a function");
  } catch (error) { return failed(error); }
  const next = () => {
    if (++at === tests.length) process.exit(0);
    tools.call(f, tests[at], (ok, value) => {
      if (!ok) say(nonce, { at, error: describe(value) });
      else {
        try { say(nonce, { at, value: encode(value, outputBytes) }); }
        catch (error) {
          if (error instanceof TooLong) say(nonce, { at, long: true });
          else if (error instanceof Unlike) say(nonce, { at, unlike: error.shown });
          else say(nonce, { at, error: describe(error) });
        }
      }
      setImmediate(next);
    });
  };
  next();
};

const program = ({ source }) => {
  closeSync(3);
  const { readFileSync } = fs;
  fs.readFileSync = (path, ...rest) => readFileSync(path === "/dev/stdin" ? 0 : path, ...rest);
  const module = { exports: {} };
  const names = ["require", "module", "exports", "__filename", "__dirname"];
  const f = vm.compileFunction(source, names, { filename: "program.js" });
  f.call(module.exports, require, module, module.exports, "/program.js", "/");
};

// Nobody needs these; whoever breaks out of the realm finds them gone.
const bare = () => {
  for (const name of ["binding", "_linkedBinding", "dlopen", "kill", "_kill", "_debugProcess", "_debugEnd"]) delete process[name];
};
const closeRealm = () => {
  for (const kind of [function () {}, async function () {}, function* () {}, async function* () {}]) {
    Object.defineProperty(Object.getPrototypeOf(kind), "constructor", { value: undefined });
  }
  delete globalThis.require;
  delete globalThis.module;
  delete process.getBuiltinModule;
};

const realm = openRealm();
bare();
writeSync(3, "ready\n");
const job = message();
if (job.kind === "program") program(job);
else {
  closeRealm();
  calls(job, realm);
}
`;
