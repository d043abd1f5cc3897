/** Programs that start, signal or change processes, their own among them. */
import { type Hostile, programs } from "./program.ts";

export const PROCESSES: readonly Hostile[] = [
  ...programs([
    ["a command", "error", "console.log(require('child_process').execSync('id; cat $CANARY').toString())"],
    ["a process", "error", "require('child_process').spawn('/bin/sleep', ['1000'], { detached: true })"],
    ["a fork bomb", "error", "for (;;) require('child_process').fork('/program.js')"],
    ["a cluster", "error", "require('cluster').fork()"],
    ["a thread", "error", "new (require('worker_threads').Worker)('for (;;);', { eval: true })"],
    [
      "Node's inner spawn",
      "error",
      "process.binding('spawn_sync').spawn({ file: '/bin/sh', args: ['sh'], stdio: [] })",
    ],
    ["a signal to its parent", "error", "process.kill(process.ppid, 'SIGKILL')"],
    ["a signal to the server", "error", "process.kill($PID, 'SIGKILL')"],
    ["a signal to everybody", "error", "process.kill(-1, 'SIGKILL')"],
    ["signals by way of Node's own", "error killed", "process._rawDebug('x'); process._kill($PID, 9)"],
    ["another user", "error", "process.setuid(0); console.log(require('fs').readFileSync('$CANARY', 'utf8'))"],
    ["the priority of the server", "error", "require('os').setPriority($PID, 19)"],
    ["an abort", "killed error", "process.abort()"],
    ["an exit with no answer", "failed", "process.exit(0)"],
    ["an exit beneath Node", "failed", "process.reallyExit(0)"],
    ["an exit with a code", "error", "console.log(5); process.exit(3)"],
    ["an exit code that is no number", "error failed", "console.log(5); process.exitCode = 'x'"],
    ["the inspector", "error failed timeout", "require('inspector').open(0, '127.0.0.1', true)"],
    ["a session of the inspector", "error", "const s = new (require('inspector').Session)(); s.connect()"],
    ["the debugger of the server", "error", "process._debugProcess($PID)"],
    [
      "a fault of V8",
      "error killed memory",
      "require('v8').setFlagsFromString('--allow-natives-syntax'); new Function('%SystemBreak(); %AbortJS(\"x\")')()",
    ],
    [
      "a fault by a wrong snapshot",
      "error failed killed",
      "require('v8').startupSnapshot.addSerializeCallback(() => {}); require('v8').deserialize(Buffer.alloc(100, 255))",
    ],
  ]),
];
