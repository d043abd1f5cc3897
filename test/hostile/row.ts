/** A row of the catalogue of hostile input: what may come, what is then done, and what shows it. */
export interface Row {
  /** Its name in this repository: titles of tests begin with it where the test is about nothing else. */
  readonly id: string;
  readonly input: string;
  /** The error's code, the warning's, or what is done. */
  readonly does: string;
  /**
   * Tests of it. "file" has a title with the id; "file > words" has these words in a title or a case. None where
   * `cases` or `never` say what there is.
   */
  readonly tests?: readonly string[];
  /** Tests that stand here. */
  readonly cases?: readonly Case[];
  /** Why there is nothing to test. */
  readonly never?: string;
  /** Where others do otherwise, or one might expect something else: what we do, and why. */
  readonly differs?: string;
}

/** An input made by code. `run` must throw an error of that code, or none where the code is "accepted". */
export type Case = readonly [what: string, run: () => unknown, code: string];
