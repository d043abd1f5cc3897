/** Threads: how one is started, from source and installed alike. */
import { Worker } from "node:worker_threads";

/**
 * Starts the module beside `from` that is called `name`, without its ending: "./worker". What runs as TypeScript in
 * development, where tsx has to be asked in each thread, runs as JavaScript installed. `data` is its `workerData`.
 */
export function startThread(name: string, from: string, data: unknown): Worker {
  if (!from.endsWith(".ts")) return new Worker(new URL(`${name}.js`, from), { workerData: data });
  const href = JSON.stringify(new URL(`${name}.ts`, from).href);
  const code = `import("tsx/esm/api").then((tsx) => { tsx.register(); return import(${href}); })`;
  return new Worker(code, { workerData: data, eval: true });
}
