/**
 * The child process in which unknown templates are rendered: takes jobs from its parent one after the other, answers each,
 * and ends when the parent lets go.
 */
import type { Dict } from "./jinja/value.ts";
import { result } from "./template-result.ts";

process.on("message", ({ template, variables }: { template: string; variables: Dict }) => {
  process.send?.(result(template, variables));
});
process.send?.("ready");
