/** What a reply is checked by: data, so that a problem can be written to a file with its check. */

/** The call that is asked for; its arguments as JSON, numbers as JavaScript has them. */
export interface ExpectedCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number | boolean | null>>;
}

/** One test of a program: the arguments, and what must come of them. */
export type ProgramTest = readonly [args: readonly unknown[], expected: unknown];

export type Check =
  /** The answer equals this one, as numbers where both are. */
  | { readonly type: "answer"; readonly answer: string }
  /** The program in the answer defines `name`, and passes the tests. The code execution server decides. */
  | {
      readonly type: "program";
      readonly language: "javascript";
      readonly name: string;
      readonly tests: readonly ProgramTest[];
    }
  /** The reply calls these tools, and no others. */
  | { readonly type: "calls"; readonly calls: readonly ExpectedCall[] };
