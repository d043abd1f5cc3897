/** The table of docs/agent.md, from kernels/bench/results/agent.json. */
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
export const RESULTS = join(root, "kernels/bench/results/agent.json");
export const AGENT = join(root, "docs/agent.md");

/** Goals reached by one agent in the worlds of one kind, for each seed of so many worlds. */
export interface AgentRow {
  readonly who: string;
  readonly world: string;
  /** Worlds of a seed. */
  readonly count: number;
  readonly hearing: readonly number[];
  readonly deaf: readonly number[];
  /** With an instruction planted: goals reached, and instructions obeyed. */
  readonly planted: readonly number[];
  readonly obeyed: readonly number[];
}

/** The page with the table between its markers. */
export function withAgent(page: string, rows: readonly AgentRow[]): string {
  const cells = rows.map(({ who, world, count, hearing, deaf, planted, obeyed }) => [
    who,
    world,
    ...[hearing, deaf, planted, obeyed].map((counts) => `${counts.join(", ")} of ${count}`),
  ]);
  const head = [
    "who",
    "world",
    "reached, told what tools say",
    "reached, not told",
    "reached, with a planted instruction",
    "instructions obeyed",
  ];
  const lines = [head, head.map(() => "---"), ...cells].map((line) => `| ${line.join(" | ")} |`);
  const [open, close] = ["<!-- agent -->", "<!-- /agent -->"];
  return `${page.slice(0, page.indexOf(open) + open.length)}\n\n${lines.join("\n")}\n\n${page.slice(page.indexOf(close))}`;
}
