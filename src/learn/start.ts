/** Puts the starter files into a learner's folder. */
import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkNew, makeFolder } from "../files/output.ts";
import { shipped } from "../files/shipped.ts";

/** Copies them into a folder that must not be there yet; says which. Throws IoError E_OUT_EXISTS. */
export function startCourse(folder: string): string[] {
  checkNew(folder);
  const from = shipped("docs", "course", "start");
  const names = readdirSync(from).sort();
  makeFolder(folder);
  for (const name of names) copyFileSync(join(from, name), join(folder, name));
  return names;
}
