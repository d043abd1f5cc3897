/** Runs a program on the code execution server, shut in as that shuts it in. */
import type { CodeClient, Protection } from "../../verify/client.ts";
import { type Tool, ToolError } from "../tool.ts";

/** What the sandbox has to offer. */
export interface CodeOptions {
  /** Without one of these the tool says no. */
  readonly required?: readonly Protection[] | undefined;
}

/** The tool; its server starts with the first call. */
export function code({ required = ["files", "network", "processes"] }: CodeOptions = {}): Tool {
  let client: Promise<CodeClient> | undefined;
  return {
    name: "run_code",
    description: "Runs a program without network or files, and returns what it writes to standard output.",
    parameters: {
      type: "object",
      properties: {
        language: { type: "string", enum: ["python", "javascript"] },
        source: { type: "string", description: "The whole program. It must print its results." },
        stdin: { type: "string", description: "What it reads from standard input." },
      },
      required: ["language", "source"],
    },
    async run({ language, source, stdin }, signal) {
      const { CodeClient } = await import("../../verify/client.ts");
      const server = await (client ??= CodeClient.start({ required }));
      const request = {
        language: language as "python" | "javascript",
        source: String(source),
        tests: [{ stdin: String(stdin ?? "") }],
        limits: { seconds: 10 },
      };
      const { status, tests, reason } = await server.run(request, signal);
      const [{ actual = "" } = {}] = tests;
      if (status === "passed") return actual === "" ? "The program wrote nothing." : actual;
      throw new ToolError([`The program ended by ${status}`, reason, actual].filter(Boolean).join(": "));
    },
    async close() {
      await client?.then((server) => server.close());
    },
  };
}
