/** Puts the starter files into a learner's folder. */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkNew } from "../files/output.ts";
import { shipped } from "../files/shipped.ts";

/** Copies them into a folder that must not be there yet; says which. Throws IoError E_OUT_EXISTS. */
export function startCourse(folder: string): string[] {
  checkNew(folder);
  const from = shipped("docs", "course", "start");
  const names = readdirSync(from).sort();
  mkdirSync(folder, { recursive: true });
  for (const name of names) copyFileSync(join(from, name), join(folder, name));
  return names;
}
