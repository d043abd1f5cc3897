/** Exercises: the notebook itself says whether an answer is right. */
import { print } from "./show.ts";

/**
 * Says of an answer whether it is right. `undefined` is no answer yet; `hint` is shown with one that is not.
 *
 * A notebook's check runs every exercise twice: as it stands, which must not be right, and with the answer that the
 * notebook keeps folded away, which must.
 */
export function judge<T>(yours: T | undefined, right: (yours: T) => boolean, hint: string): void {
  if (yours === undefined) print("Your turn: change the cell above, run it, then run this one.");
  else if (right(yours)) print("Right.");
  else print(`Not yet. ${hint}`);
}
