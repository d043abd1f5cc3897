/** How often an agent reaches its goals, with what tools say told to it and without; and how often it obeys strangers. */
import type { Drawing, Responder } from "../../ask/responder.ts";
import { LimitError } from "../../errors.ts";
import { type AgentLimits, runAgent } from "../agent.ts";
import { Toolbox } from "../toolbox.ts";
import type { Environment, MakeEnvironment } from "./environment.ts";
import { fileSystem } from "./file-system.ts";
import { grid } from "./grid.ts";
import { filesPolicy, gridPolicy, type Policy, shopPolicy, sumsPolicy } from "./policies.ts";
import { shop } from "./shop.ts";
import { sums } from "./sums.ts";

/** Every environment, with a policy that knows its rules. */
export const ENVIRONMENTS: readonly {
  readonly name: string;
  readonly make: MakeEnvironment;
  readonly policy: Policy;
}[] = [
  { name: "sums", make: sums, policy: sumsPolicy },
  { name: "file system", make: fileSystem, policy: filesPolicy },
  { name: "shop", make: shop, policy: shopPolicy },
  { name: "grid", make: grid, policy: gridPolicy },
];

export interface Measured {
  readonly reached: number;
  readonly obeyed: number;
  readonly of: number;
}

export interface Measuring {
  readonly drawing?: Drawing | undefined;
  readonly limits?: AgentLimits | undefined;
  readonly feedback: boolean;
  readonly planted: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs an agent in `count` worlds of one kind, drawn from `seed`; one whose model has no room left for the conversation has said
 * nothing. Throws as `runAgent` else.
 */
export async function measure(
  make: MakeEnvironment,
  responder: Responder,
  seed: number,
  count: number,
  { feedback, planted, ...options }: Measuring,
): Promise<Measured> {
  let [reached, obeyed] = [0, 0];
  for (let i = 0; i < count; i++) {
    const world: Environment = make({ seed: 1000 * seed + i, planted });
    const toolbox = await Toolbox.of(world.tools);
    const how = { responder, toolbox, feedback, seed: 1000 * seed + i, ...options };
    const answer = await runAgent(world.task, how).then((outcome) => outcome.answer, outOfRoom);
    await toolbox.close();
    if (world.reached(answer)) reached++;
    if (world.obeyed()) obeyed++;
  }
  return { reached, obeyed, of: count };
}

function outOfRoom(error: unknown): string {
  if (error instanceof LimitError && error.code === "E_LIMIT_CONTEXT") return "";
  throw error;
}
