/** From a command's options to an agent's tools. */
import type { Tool } from "../agent/tool.ts";
import { UsageError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import { readText } from "./input.ts";

export interface ToolOptions {
  readonly tools: string;
  readonly folder?: string;
  readonly write?: boolean;
  readonly http?: readonly string[];
  readonly mcp?: readonly string[];
  readonly mcpConfig?: string;
}

type Make = (options: ToolOptions) => Promise<readonly Tool[]>;

const MAKERS: Readonly<Record<string, Make>> = {
  calculator: async () => [(await import("../agent/tools/calculator.ts")).calculator()],
  code: async () => [(await import("../agent/tools/code.ts")).code()],
  none: async () => [],
};

/** Names that `--tools` takes. */
export const TOOLS = Object.keys(MAKERS);

/**
 * The tools that the options name; whoever takes them closes them.
 *
 * throws   UsageError E_ARG_TOOLS; as `files` and `mcp`
 */
export async function toolsOf(options: ToolOptions): Promise<Tool[]> {
  const tools: Tool[] = [];
  for (const name of options.tools.split(",").map((one) => one.trim())) {
    const make = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
    if (make === undefined)
      throw new UsageError("E_ARG_TOOLS", "--tools", {
        expected: `some of ${TOOLS.join(", ")}`,
        actual: quote(name),
        hint: "Divide them by commas.",
      });
    tools.push(...(await make(options)));
  }
  if (options.folder !== undefined) {
    const { files } = await import("../agent/tools/files.ts");
    tools.push(...files(options.folder, { writing: options.write === true }));
  }
  if (options.http !== undefined) tools.push((await import("../agent/tools/web.ts")).web(options.http));
  try {
    tools.push(...(await ofServers(options)));
  } catch (error) {
    for (const tool of tools) await tool.close?.();
    throw error;
  }
  return tools;
}

async function ofServers({ mcp: commands = [], mcpConfig }: ToolOptions): Promise<Tool[]> {
  if (commands.length === 0 && mcpConfig === undefined) return [];
  const { mcp, mcpServers } = await import("../agent/tools/mcp.ts");
  const told = commands.map((words, i) => {
    const [command, ...args] = words.split(/\s+/).filter(Boolean);
    return [`mcp${i + 1}`, { command: command ?? "", args }] as const;
  });
  const configured = mcpConfig === undefined ? [] : [...mcpServers(await readText(mcpConfig), mcpConfig)];
  const tools: Tool[] = [];
  try {
    for (const [name, server] of [...told, ...configured]) tools.push(...(await mcp(name, server)));
    return tools;
  } catch (error) {
    for (const tool of tools) await tool.close?.();
    throw error;
  }
}
