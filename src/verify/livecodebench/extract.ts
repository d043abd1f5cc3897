/**
 * The program in a reply: what stands between its last two lines that hold three backticks, as LiveCodeBench takes it.
 *
 * source   LiveCodeBench, lcb_runner/utils/extraction_utils.py: extract_code
 */

/** Characters at the end of a reply that are looked at. */
const READ = 1_000_000;

/** The program; empty where the reply has no block of code that ends. */
export function extractCode(reply: string): string {
  const lines = reply.slice(-READ).split("\n");
  const fences = lines.flatMap((line, i) => (line.includes("```") ? [i] : []));
  const [from, to] = fences.slice(-2);
  return from === undefined || to === undefined ? "" : lines.slice(from + 1, to).join("\n");
}
