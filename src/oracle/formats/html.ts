/**
 * A report as one HTML file that loads nothing: z by layer and token, the histogram of errors in ulps, values side by side.
 */
import type { Report } from "../report.ts";
import { pageData } from "./html-data.ts";
import { SCRIPT, STYLE } from "./html-page.ts";
import { type Context, diagnosisText, headline, judgedBy, nextCommand, pictured, sizes } from "./words.ts";
import { escapeXml } from "./xml.ts";

export function reportHtml(report: Report, context: Context = {}): string {
  const title = headline(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(`qwq oracle: ${title}`)}</title>
<style>${STYLE}</style>
</head>
<body>
${headHtml(report, context)}
${report.taps.length === 0 ? "" : pictures(report)}
</body>
</html>
`;
}

/** What there is to see where something was compared. */
function pictures(report: Report): string {
  // "<" would end the script element, whatever stands in an engine's name.
  const data = JSON.stringify(pageData(report)).replaceAll("<", "\\u003c");
  return `<div class="grid">
<section><h2>${pictured(report)} by layer and token <select id="kind" aria-label="tap"><option value="">worst of all taps</option></select></h2>
<canvas id="map"></canvas><p class="mono faint" id="readout">&nbsp;</p>${legend(report)}</section>
<section><h2>Taps of this layer</h2><div class="scroll"><table id="taps"></table></div></section>
<section><h2>Expected and got, where they differ most</h2><p class="mono" id="about"></p><div class="scroll"><table id="values"></table></div>
<p class="faint" id="novalues">No values: this tap is within its noise, or only a sketch of it was compared.</p></section>
<section><h2>Errors in ulps of ${escapeXml(report.policy)}</h2><div id="ulps"></div></section>
</div>
<script type="application/json" id="data">${data}</script>
<script>${SCRIPT}</script>`;
}

function headHtml(report: Report, context: Context): string {
  const { verdict, policy, engine, coverage, first, notes } = report;
  const next = nextCommand(report, context);
  const diagnosis = diagnosisText(report);
  const who = engine === undefined ? "" : ` by ${engine}`;
  const scope = `Policy ${policy}${who}; ${coverage.taps} of ${coverage.of} taps, ${(100 * coverage.fraction).toFixed(1)} % of their rows.`;
  const text = headline(report).replace(/^[A-Z ]+ {2}/, "");
  return [
    `<h1><span class="verdict ${verdict}">${verdict}</span>${escapeXml(text)}</h1>`,
    report.taps.length === 0 ? "" : `<p class="faint">${escapeXml(scope)}</p>`,
    judgedBy(report) === undefined ? "" : `<p class="faint">${escapeXml(judgedBy(report)!)}.</p>`,
    first === null ? "" : `<p>${escapeXml(sizes(first))}.</p>`,
    diagnosis === undefined ? "" : `<p><b>Diagnosis:</b> ${escapeXml(diagnosis)}.</p>`,
    ...notes.map((note) => `<p class="faint">${escapeXml(note)}</p>`),
    next === undefined ? "" : `<p>Next: <code>${escapeXml(next)}</code></p>`,
  ]
    .filter((line) => line !== "")
    .join("\n");
}

function legend(report: Report): string {
  const { warnAbove, failAbove } = report;
  const item = (name: string, text: string) => `<span><i style="background: var(--${name})"></i>${text}</span>`;
  const noises = [
    item("low", "z near 0"),
    item("mid", `up to ${warnAbove}`),
    item("warn", `up to ${failAbove}: warning`),
    item("fail", `above ${failAbove}`),
  ];
  const bounds = [item("low", "near 0"), item("mid", "up to its bound"), item("fail", "beyond")];
  const judges = pictured(report) === "error beside its bounds" ? bounds : noises;
  const items = [...judges, item("most", "ten thousand times that"), item("none", "not compared")];
  return `<div class="legend">${items.join("")}</div>`;
}
