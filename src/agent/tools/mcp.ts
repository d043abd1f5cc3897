/** Tools of MCP servers, through the official SDK: processes that speak over their standard streams, or addresses. */
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { FormatError, IoError, UsageError } from "../../errors.ts";
import { type Tool, ToolError } from "../tool.ts";

/** A server, as the configuration files of MCP's clients write it. */
export interface McpServer {
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  /** Besides what a process needs (PATH, HOME, ...), its environment has these variables and no others. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** In place of a command: a server that speaks over HTTP. */
  readonly url?: string | undefined;
}

/** Of tools' lists, in pages. */
const MOST_PAGES = 100;

/**
 * Connects to a server; its tools, called NAME_tool. The first that is closed ends the connection.
 *
 * throws   UsageError E_AGENT_MCP where the SDK is not installed; IoError E_AGENT_MCP where the server does not answer
 */
export async function mcp(name: string, server: McpServer): Promise<Tool[]> {
  const client = await connect(name, server);
  try {
    return (await listed(client)).map((tool) => ({
      name: `${name}_${tool.name}`.replace(/[^\w-]/g, "_").slice(0, 64),
      description: tool.description ?? tool.title ?? tool.name,
      parameters: tool.inputSchema,
      run: (given, signal) => call(client, tool.name, given, signal),
      close: () => client.close(),
    }));
  } catch (cause) {
    await client.close();
    throw unreachable(name, cause);
  }
}

/** The servers of a configuration: {"mcpServers": {NAME: {"command", "args", "env"} or {"url"}}}. Throws FormatError E_AGENT_MCP. */
export function mcpServers(text: string, path: string): ReadonlyMap<string, McpServer> {
  let servers: unknown;
  try {
    servers = (JSON.parse(text) as { mcpServers?: unknown } | null)?.mcpServers;
  } catch (cause) {
    throw new FormatError("E_AGENT_MCP", path, {
      path,
      expected: "JSON",
      actual: (cause as Error).message,
      hint: "Correct the file.",
    });
  }
  const all = Object.entries((servers ?? {}) as Record<string, McpServer>);
  const wrong = all.find(([, one]) => typeof one?.command !== "string" && typeof one?.url !== "string");
  if (all.length > 0 && wrong === undefined) return new Map(all);
  throw new FormatError("E_AGENT_MCP", path, {
    path,
    expected: '"mcpServers" to hold servers, each with a "command" or a "url"',
    actual: wrong === undefined ? "none" : `${wrong[0]} without them`,
  });
}

async function connect(name: string, server: McpServer): Promise<Client> {
  const sdk = await installed(() => import("@modelcontextprotocol/sdk/client/index.js"));
  const client = new sdk.Client({ name: "qwq", version: "1" });
  try {
    await client.connect(await transport(server));
    return client;
  } catch (cause) {
    await client.close().catch(() => undefined);
    throw unreachable(name, cause);
  }
}

async function transport({ command, args, env, url }: McpServer): Promise<Transport> {
  if (url !== undefined) {
    const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
    return new StreamableHTTPClientTransport(new URL(url)) as Transport;
  }
  const { getDefaultEnvironment, StdioClientTransport } = await import("@modelcontextprotocol/sdk/client/stdio.js");
  const variables = { ...getDefaultEnvironment(), ...env };
  return new StdioClientTransport({ command: command!, args: [...(args ?? [])], env: variables, stderr: "ignore" });
}

async function installed<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new UsageError("E_AGENT_MCP", "--mcp", {
      expected: "the package @modelcontextprotocol/sdk",
      actual: "none",
      hint: "Install it: npm install @modelcontextprotocol/sdk.",
      cause,
    });
  }
}

async function listed(client: Client) {
  const first = await client.listTools();
  const tools = [...first.tools];
  let cursor = first.nextCursor;
  for (let page = 1; cursor !== undefined && page < MOST_PAGES; page++) {
    const next = await client.listTools({ cursor });
    tools.push(...next.tools);
    cursor = next.nextCursor;
  }
  return tools;
}

async function call(client: Client, name: string, given: Tool["parameters"], signal: AbortSignal): Promise<string> {
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: given }, undefined, {
    signal,
  });
  const parts = (content ?? []) as { readonly type: string; readonly text?: string }[];
  const said = parts.map(({ type, text }) => text ?? `[${type}]`).join("\n");
  const text = said === "" && structuredContent !== undefined ? JSON.stringify(structuredContent) : said;
  if (isError) throw new ToolError(text);
  return text;
}

function unreachable(name: string, cause: unknown): unknown {
  if (cause instanceof UsageError) return cause;
  const actual = cause instanceof Error ? cause.message : String(cause);
  return new IoError("E_AGENT_MCP", name, { expected: "an MCP server that answers", actual, cause });
}
