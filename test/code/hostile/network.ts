/** Programs that reach for the network: the machine's own, and the world's. */
import { functions, type Hostile, programs } from "./program.ts";

export const NETWORK: readonly Hostile[] = [
  ...programs([
    [
      "a connection to this machine",
      "error",
      "require('net').connect($PORT, '127.0.0.1').on('connect', function () { this.write('x'); })",
    ],
    ["a request", "error", "require('http').get('http://127.0.0.1:$PORT/', (r) => r.pipe(process.stdout))"],
    ["a fetch", "error", "fetch('http://127.0.0.1:$PORT/').then((r) => r.text()).then(console.log)"],
    [
      "a datagram",
      "error",
      "require('dgram').createSocket('udp4').send('x', 53, '8.8.8.8', (e) => { if (e) throw e; process.exit(); })",
    ],
    [
      "a name is asked for",
      "error",
      "require('dns').lookup('example.com', (e, a) => { if (e) throw e; console.log(a); })",
    ],
    [
      "a name is asked for at a server",
      "error timeout",
      "new (require('dns').Resolver)().resolve4('example.com', (e, a) => { if (e) throw e; console.log(a); })",
    ],
    ["a connection to the world", "error", "require('tls').connect(443, '1.1.1.1')"],
    [
      "a connection by HTTP/2",
      "error",
      "require('http2').connect('http://127.0.0.1:$PORT').request().on('data', console.log)",
    ],
    ["a socket of the system", "error", "require('net').connect('/var/run/docker.sock')"],
    ["a socket without a file", "error", "require('net').connect('\\0qwq-canary')"],
    ["a listener", "timeout error", "require('http').createServer(() => {}).listen(0, '0.0.0.0')"],
    [
      "the server that judges it",
      "error",
      "fetch('http://127.0.0.1:$SERVER/run', { method: 'POST', body: '{}' }).then((r) => r.text()).then(console.log)",
    ],
  ]),
  ...functions([["a function fetches", "error", "const f = () => fetch('http://127.0.0.1:$PORT/')"]]),
];
