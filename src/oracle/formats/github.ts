/**
 * Annotations of a GitHub workflow: commands on standard output, one a line. GitHub shows at most ten of a level a step.
 *
 *   ::error title=rope-interleaved::0.kr%0Ar 8.7e-1, noise 3.5e-3
 *
 * source   actions/toolkit, packages/core/src/command.ts: toCommandValue, escapeData, escapeProperty
 */
import type { Finding } from "./findings.ts";

/** The first `most` findings as annotations, and how many more there are. */
export function annotations(findings: readonly Finding[], headline: string, most = 10): string {
  if (findings.length === 0) return `::notice title=qwq oracle::${data(headline)}\n`;
  const shown = findings.length > most ? findings.slice(0, most - 1) : findings;
  const lines = shown.map(
    ({ code, level, message }) => `::${level} title=${property(`qwq oracle: ${code}`)}::${data(message)}`,
  );
  const left = findings.length - shown.length;
  if (left > 0) lines.push(`::warning title=qwq oracle::${left} more in the summary of this step`);
  return `${lines.join("\n")}\n`;
}

/** A step's summary may have 1 MiB. */
export const MOST_SUMMARY = 2 ** 20;

/** The summary, cut at a line where it is too long. */
export function summary(markdown: string): string {
  const bytes = Buffer.from(markdown);
  if (bytes.length <= MOST_SUMMARY) return markdown;
  const cut = bytes.subarray(0, bytes.lastIndexOf(0x0a, MOST_SUMMARY - 64) + 1).toString();
  return `${cut}\n(cut: a summary has at most 1 MiB)\n`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
