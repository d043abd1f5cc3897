/**
 * The child process in which unknown templates are rendered: takes one job from its parent, answers, and ends.
 */
import type { Dict } from "./jinja/value.ts";
import { result } from "./template-result.ts";

process.once("message", ({ template, variables }: { template: string; variables: Dict }) => {
  process.send?.(result(template, variables), () => process.disconnect());
});
process.send?.("ready");
