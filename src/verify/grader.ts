/** What every grader of a benchmark is: it looks at one reply to one task, and says how right it is. */

/** How right a reply is, and why. */
export interface Grade {
  /** Right or wrong; where a benchmark gives parts, the part from 0 to 1. */
  readonly right: boolean | number;
  /** What was taken for the answer, as it stood in the reply; empty where none was found. */
  readonly extracted: string;
  /** One sentence for people. */
  readonly reason: string;
}

/**
 * A grader of one benchmark. `Task` is a line of the benchmark's data, with what the grader needs of it.
 *
 * It never throws because of a reply: one that is empty, endless, broken or hostile gets a grade, within a limit of time.
 */
export interface Grader<Task> {
  /** The benchmark's name, as `qwq eval` takes it. */
  readonly name: string;
  /**
   * The grade of a reply: the text after the thoughts, as official graders see it (`answerText`).
   *
   * throws   UsageError where the task is not one of this benchmark
   */
  grade(task: Task, reply: string): Promise<Grade>;
  /** Ends what it has started: workers, servers. */
  close(): Promise<void>;
}

const OPEN = "<think>";
const CLOSE = "</think>";

/**
 * What graders see of a model's text: what follows its last `</think>`. Where the thoughts never end there is no answer and
 * the text is empty; `opened` tells whether the prompt had begun them. A text without thoughts is all answer.
 */
export function answerText(text: string, opened = false): string {
  const end = text.lastIndexOf(CLOSE);
  if (end >= 0) return text.slice(end + CLOSE.length).trim();
  return opened || text.trimStart().startsWith(OPEN) ? "" : text.trim();
}

/** A grade against a reply that holds no answer. */
export function noAnswer(why: string): Grade {
  return { right: false, extracted: "", reason: why };
}

/** `right` as a number from 0 to 1, to be averaged. */
export function score({ right }: Grade): number {
  return Number(right);
}
