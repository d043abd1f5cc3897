/** Fetches a text by HTTP from hosts that the user has named, and from no others: off unless some are. */
import { type Tool, ToolError } from "../tool.ts";

const MOST_BYTES = 2 ** 20;
const MOST_REDIRECTS = 5;

/** The tool; `hosts` are names with their ports where these are not the usual ones: "example.com", "127.0.0.1:8080". */
export function web(hosts: readonly string[]): Tool {
  return {
    name: "http_get",
    description: `Fetches a text from ${hosts.join(", ")}.`,
    parameters: { type: "object", properties: { url: { type: "string" } }, required: ["url"] },
    run: ({ url }, signal) => get(String(url), hosts, signal),
  };
}

async function get(url: string, hosts: readonly string[], signal: AbortSignal): Promise<string> {
  const { request } = await import("undici");
  let at = allowed(url, undefined, hosts);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const { statusCode, headers, body } = await request(at, {
      signal,
      headers: { accept: "text/*, application/json" },
    });
    const to = headers["location"];
    if (statusCode >= 300 && statusCode < 400 && typeof to === "string") {
      await body.dump();
      at = allowed(to, at, hosts); // a redirect leads nowhere that the user has not named
      continue;
    }
    const text = await limited(body);
    if (statusCode !== 200) throw new ToolError(`${at.href} answers ${statusCode}: ${text.slice(0, 200)}`);
    return text;
  }
  throw new ToolError(`${url} leads from place to place.`);
}

function allowed(url: string, from: URL | undefined, hosts: readonly string[]): URL {
  const at = URL.canParse(url, from?.href) ? new URL(url, from) : undefined;
  if (at === undefined || !/^https?:$/.test(at.protocol))
    throw new ToolError(`${url.slice(0, 200)} is no address of http or https.`);
  if (hosts.includes(at.host)) return at;
  throw new ToolError(`${at.host} is not among the hosts that may be asked: ${hosts.join(", ")}.`);
}

async function limited(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw new ToolError(`This has more than ${MOST_BYTES} bytes.`);
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}
