/** Programs that reach for files. What they find they print, so that a success would be seen. */
import { functions, type Hostile, programs } from "./program.ts";

export const FILES: readonly Hostile[] = [
  ...programs([
    ["a file is read", "error", "console.log(require('fs').readFileSync('$CANARY', 'utf8'))"],
    [
      "a file is read by bytes of its name",
      "error",
      "console.log(require('fs').readFileSync(Buffer.from('$CANARY'), 'utf8'))",
    ],
    [
      "a file is read by its address",
      "error",
      "console.log(require('fs').readFileSync(new URL('file://$CANARY'), 'utf8'))",
    ],
    [
      "a file is read by a way round",
      "error",
      "console.log(require('fs').readFileSync('/empty/../../../..$CANARY', 'utf8'))",
    ],
    ["a file is read later", "error", "require('fs').promises.readFile('$CANARY', 'utf8').then(console.log)"],
    ["a file is read as a stream", "error", "require('fs').createReadStream('$CANARY').pipe(process.stdout)"],
    [
      "a file is opened with conversions replaced",
      "error",
      "Buffer.prototype.utf8Write = () => 0; String.prototype.startsWith = () => true; console.log(require('fs').readFileSync('$CANARY', 'utf8'))",
    ],
    ["a file is required", "error", "console.log(require('$CANARY'))"],
    [
      "a module of the machine is required",
      "error",
      "require('module').createRequire('/usr/lib/')('/usr/lib/node_modules/npm/package.json')",
    ],
    ["a file is imported", "error", "import('file://$CANARY').then(console.log)"],
    [
      "folders are listed",
      "error",
      "for (const d of ['/', '$FOLDER', '/home', '.']) console.log(require('fs').readdirSync(d))",
    ],
    [
      "the processes' files are read",
      "error",
      "console.log(require('fs').readFileSync('/proc/self/environ', 'utf8'), require('fs').readFileSync('/proc/1/cmdline', 'utf8'))",
    ],
    [
      "open descriptors are searched",
      "passed failed error",
      "const fs = require('fs'); for (let i = 3; i < 64; i++) { try { const s = fs.fstatSync(i); if (s.isFile() && s.size > 0) console.log(i, fs.readFileSync(i, 'utf8')); } catch {} } console.log(5)",
    ],
    ["a file is written", "error", "require('fs').writeFileSync('$OUT', 'x')"],
    ["a file is written where it is", "error", "require('fs').writeFileSync('x', 'x')"],
    ["a file is lengthened", "error", "require('fs').appendFileSync('$CANARY', 'x')"],
    ["a file is emptied", "error", "require('fs').truncateSync('$CANARY')"],
    [
      "a file is deleted",
      "error",
      "require('fs').rmSync('$CANARY', { force: true }); require('fs').unlinkSync('$CANARY')",
    ],
    ["a file is renamed", "error", "require('fs').renameSync('$CANARY', '$OUT')"],
    ["a file is copied", "error", "require('fs').cpSync('$CANARY', '$OUT')"],
    [
      "a link is made and followed",
      "error",
      "const fs = require('fs'); try { fs.symlinkSync('$CANARY', '/empty/l'); } catch {} console.log(fs.readFileSync('/empty/l', 'utf8'))",
    ],
    ["a second name is made", "error", "require('fs').linkSync('$CANARY', '$OUT')"],
    ["a folder is made", "error", "require('fs').mkdtempSync('/tmp/x'); require('fs').mkdirSync('$OUT')"],
    ["rights are changed", "error", "require('fs').chmodSync('$FOLDER', 0)"],
    [
      "a report is written",
      "error failed",
      "process.report.writeReport('$OUT'); console.log(process.report.directory)",
    ],
    ["the heap is written", "error", "require('v8').writeHeapSnapshot('$OUT')"],
    [
      "Node's inner file system is asked",
      "error",
      "const b = process.binding('fs'); console.log(b.readFileUtf8('$CANARY', 0))",
    ],
    ["an addon is loaded", "error", "process.dlopen({ exports: {} }, '/usr/lib/x86_64-linux-gnu/libc.so.6')"],
    [
      "a system of files is opened through WASI",
      "error",
      "const { WASI } = require('wasi'); new WASI({ version: 'preview1', preopens: { '/': '/' } })",
    ],
    ["a file is watched", "error", "require('fs').watch('$FOLDER', console.log)"],
  ]),
  ...functions([
    [
      "a function imports a module written in its address",
      "error",
      'const f = async () => (await import(\'data:text/javascript,import fs from "node:fs"; export default fs.readFileSync("$CANARY", "utf8")\')).default',
    ],
    ["a function asks for files", "error", "const f = () => require('fs').readFileSync('$CANARY', 'utf8')"],
    [
      "a function imports files",
      "error",
      "const f = async () => (await import('node:fs')).readFileSync('$CANARY', 'utf8')",
    ],
  ]),
];
