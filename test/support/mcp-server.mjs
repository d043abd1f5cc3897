/** An MCP server over its standard streams, on the official SDK: two tools, and one that fails. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const server = new McpServer({ name: "test", version: "1.0.0" });
const text = (said) => ({ content: [{ type: "text", text: said }] });
server.registerTool(
  "add",
  { description: "Adds two numbers.", inputSchema: { a: z.number(), b: z.number() } },
  ({ a, b }) => text(`${a + b}`),
);
server.registerTool(
  "env",
  { description: "Says whether a variable is there.", inputSchema: { name: z.string() } },
  ({ name }) => text(`${name in process.env}`),
);
server.registerTool("fail", { description: "Fails.", inputSchema: {} }, () => ({
  ...text("It cannot be done."),
  isError: true,
}));
await server.connect(new StdioServerTransport());
