/** Files within one folder: listed, read, and written where the user allows it. */
import { Enclosure } from "../../files/enclosure.ts";
import { QwqError } from "../../errors.ts";
import { type Arguments, type Tool, ToolError } from "../tool.ts";

const PATH = { type: "string", description: "A path within the folder, such as notes/a.txt." };
/** Characters of a file that are read at a time. */
const WINDOW = 8000;

/** The tools. `writing` adds the one that writes. Throws IoError where the folder is none. */
export function files(folder: string, { writing = false }: { readonly writing?: boolean } = {}): Tool[] {
  const inside = new Enclosure(folder);
  return writing ? [list(inside), read(inside), write(inside)] : [list(inside), read(inside)];
}

function list(inside: Enclosure): Tool {
  return {
    name: "list_files",
    description: "Lists a folder: names, folders with a / at their end.",
    parameters: { type: "object", properties: { path: { ...PATH, description: "A folder; . is the whole." } } },
    run: told(({ path }) => inside.list(String(path ?? ".")).join("\n") || "The folder is empty."),
  };
}

function read(inside: Enclosure): Tool {
  return {
    name: "read_file",
    description: "Reads a file of text.",
    parameters: {
      type: "object",
      properties: { path: PATH, from: { type: "integer", minimum: 0, description: "The character to begin at." } },
      required: ["path"],
    },
    run: told(({ path, from }) => {
      const text = inside.read(String(path));
      const first = Number(from ?? 0);
      const rest = text.length - first - WINDOW;
      return (
        text.slice(first, first + WINDOW) +
        (rest > 0 ? `\n[${rest} more characters; go on from ${first + WINDOW}]` : "")
      );
    }),
  };
}

function write(inside: Enclosure): Tool {
  return {
    name: "write_file",
    description: "Writes a file of text, in place of what it held.",
    parameters: {
      type: "object",
      properties: { path: PATH, content: { type: "string" } },
      required: ["path", "content"],
    },
    run: told(({ path, content }) => {
      inside.write(String(path), String(content));
      return `${String(path)} is written.`;
    }),
  };
}

/** What the file system says no to, the model is told in one sentence. */
function told(use: (given: Arguments) => string): Tool["run"] {
  return (given) => {
    try {
      return use(given);
    } catch (error) {
      if (error instanceof QwqError) throw new ToolError(error.message);
      throw error;
    }
  };
}
