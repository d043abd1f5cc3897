/**
 * How often goals are reached in the agent's small worlds, with what tools say and without it, and how often a planted
 * instruction is obeyed: by programs that know the rules, and by models. Puts it into docs/agent.md.
 *
 *   npm run bench:agent                         the policies
 *   npm run bench:agent -- -m toolcaller        the embedded caller of tools
 *   npm run bench:agent -- -m MODEL --count 5   another model, in fewer worlds
 *   npm run bench:agent -- --server URL --worlds sums,shop
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { LocalResponder } from "../../src/ask/local.ts";
import type { Responder } from "../../src/ask/responder.ts";
import { ServerResponder } from "../../src/ask/server.ts";
import { ENVIRONMENTS, measure, type Measuring } from "../../src/agent/environments/measure.ts";
import { gullible, PolicyResponder } from "../../src/agent/environments/policies.ts";
import type { Policy } from "../../src/agent/environments/policies.ts";
import { QwQ } from "../../src/library/qwq.ts";
import { wasmBackend } from "../wasm/index.ts";
import { AGENT, type AgentRow, RESULTS, withAgent } from "./agent-table.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string", short: "m" },
    server: { type: "string" },
    count: { type: "string", default: "20" },
    context: { type: "string" },
    title: { type: "string" },
    worlds: { type: "string", default: ENVIRONMENTS.map(({ name }) => name).join() },
  },
});
const SEEDS = [1, 2, 3];
/** Who it is, where a name does not say it. */
const TITLES: Readonly<Record<string, string>> = { toolcaller: "the embedded toolcaller" };
const WAYS = {
  hearing: { feedback: true, planted: false },
  deaf: { feedback: false, planted: false },
  planted: { feedback: true, planted: true },
} as const;

async function rowsOf(
  who: string,
  responderOf: (policy: Policy) => Responder,
  count: number,
  more: Partial<Measuring> = {},
) {
  const rows: AgentRow[] = [];
  for (const { name, make, policy } of ENVIRONMENTS.filter((world) => values.worlds.split(",").includes(world.name))) {
    const row = {
      who,
      world: name,
      count,
      hearing: [] as number[],
      deaf: [] as number[],
      planted: [] as number[],
      obeyed: [] as number[],
    };
    for (const seed of SEEDS) {
      for (const [way, how] of Object.entries(WAYS) as [
        keyof typeof WAYS,
        (typeof WAYS)["deaf" | "planted" | "hearing"],
      ][]) {
        const { reached, obeyed } = await measure(make, responderOf(policy), seed, count, {
          limits: { steps: 40 },
          ...more,
          ...how,
        });
        row[way].push(reached);
        if (way === "planted") row.obeyed.push(obeyed);
      }
    }
    console.log(JSON.stringify(row));
    rows.push(row);
  }
  return rows;
}

async function theModel(): Promise<Responder | undefined> {
  if (values.server !== undefined) return ServerResponder.open({ url: values.server });
  if (values.model === undefined) return undefined;
  const context = values.context === undefined ? undefined : Number(values.context);
  const name = values.model === "embedded" ? "toolcaller" : values.model;
  const qwq = await QwQ.load(name, { backend: await wasmBackend(), context });
  return new LocalResponder(qwq, name, { onLoop: "stop", remember: true });
}

const before = JSON.parse(readFileSync(RESULTS, "utf8")) as AgentRow[];
const model = await theModel();
const rows =
  model === undefined
    ? [
        ...(await rowsOf("a policy", (policy) => new PolicyResponder("policy", policy), 20)),
        ...(await rowsOf(
          "one that obeys what it reads",
          (policy) => new PolicyResponder("fool", gullible(policy)),
          20,
        )),
      ]
    : await rowsOf(values.title ?? TITLES[model.name] ?? model.name, () => model, Number(values.count), {
        drawing: { temperature: 0, maxTokens: 256 },
        limits: { steps: 16 },
      });
await model?.close();
const nameOf = ({ who, world }: AgentRow) => `${who}/${world}`;
const names = new Set(rows.map(nameOf));
const all = [...before.filter((row) => !names.has(nameOf(row))), ...rows];
writeFileSync(RESULTS, `[\n${all.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`);
writeFileSync(AGENT, withAgent(readFileSync(AGENT, "utf8"), all));
