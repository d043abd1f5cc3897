/** Node's globals that the library uses. */
export { Buffer } from "buffer";

const { port1, port2 } = new MessageChannel();
const due: (() => void)[] = [];
port1.onmessage = () => due.shift()?.();

/** After what the event loop already holds: messages of the page are heard between tokens. */
export function setImmediate(then: () => void): void {
  due.push(then);
  port2.postMessage(undefined);
}
