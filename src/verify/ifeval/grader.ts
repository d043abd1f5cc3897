/** IFEval as a grader: right where every instruction is followed, strictly. */
import type { Grade, Grader } from "../grader.ts";
import { checkInstructions, type Following } from "./check.ts";
import type { IfevalTask } from "./task.ts";

/** With what each instruction came to, for the figures of a run (`ifevalScores`). */
export interface IfevalGrade extends Grade, Following {}

/** Characters past which a reply is not read on: several times QwQ's longest of 32,768 tokens. Ten times as many took 43 s. */
const MOST = 1_000_000;

export const IFEVAL: Grader<IfevalTask> & {
  grade(task: IfevalTask, reply: string): Promise<IfevalGrade>;
} = {
  name: "ifeval",

  grade({ instructions }, reply) {
    const following = checkInstructions(reply.slice(0, MOST), instructions);
    const broken = instructions.filter((_, index) => !following.strict[index]).map(({ id }) => id);
    const reason = broken.length === 0 ? "Every instruction is followed." : `Not followed: ${broken.join(", ")}.`;
    return Promise.resolve({ right: broken.length === 0, extracted: reply, reason, ...following });
  },

  close: () => Promise.resolve(),
};
