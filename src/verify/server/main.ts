/**
 * The server as a process: options as JSON in its first argument, "listening PORT" as its first line, and an end when its
 * standard input ends, so that it does not outlive whoever started it.
 */
import { QwqError } from "../../errors.ts";
import { CodeServer, type ServerOptions } from "./server.ts";

async function main(): Promise<void> {
  const server = await CodeServer.start(JSON.parse(process.argv[2] ?? "{}") as ServerOptions);
  const end = () => void server.close().then(() => process.exit(0));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  process.stdin.on("end", end).on("error", end).resume();
  process.stdout.write(`listening ${server.port}\n`);
}

main().catch((error: unknown) => {
  const told = error instanceof QwqError ? { code: error.code, message: error.message } : { message: String(error) };
  process.stderr.write(`${JSON.stringify(told)}\n`);
  process.exitCode = 1;
});
