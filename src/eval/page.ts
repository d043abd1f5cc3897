/** A report as one HTML file that needs nothing beside it. */
import { flawName } from "../verify/flaws.ts";
import { byProblem, escape, intervals, passes, percent, thinking } from "./charts.ts";
import type { Metric, Report } from "./report.ts";
import { type Official, officialOf } from "./scores.ts";
import type { Spread } from "./statistics.ts";

const STYLE = `body{font:15px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}
.big{font-size:2.4rem}.dim{color:#666}td.n{text-align:right}code{background:#f3f3f3;padding:0 .2rem}svg{width:100%;height:auto}`;

export function pageOf(report: Report): string {
  const { title, settings, replies, wanted, headline, metrics, parts } = report;
  const official = officialOf(settings.bench);
  const partial = replies < wanted ? `<p><b>Not all replies are there: ${replies} of ${wanted}.</b></p>` : "";
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(title)}: ${escape(settings.model)}</title><style>${STYLE}</style>
<h1>${escape(title)}: ${escape(settings.model)}</h1>
<p class="big">${percent(headline.estimate.value)}</p>
<p>${escape(headline.name)}, 95 % interval ${percent(headline.estimate.low)} to ${percent(headline.estimate.high)}.</p>${partial}
${intervals([{ name: headline.name, estimate: headline.estimate }, ...metrics.filter(({ name }) => name.startsWith("maj")), ...reference(official)])}
${official === undefined ? "" : `<p class="dim">QwQ-32B's authors report ${official.value} for QwQ-32B itself (${escape(official.source)}).</p>`}
<h2>Numbers</h2>${tableOf([headline, ...metrics])}
${parts.length === 0 ? "" : `<h2>Parts</h2>${tableOf(parts)}`}
${metrics.some(({ name }) => name.startsWith("pass@")) ? `<h2>pass@k</h2>${passes(report)}` : ""}
<h2>Problems</h2>${byProblem(report)}${problemsOf(report)}
${(report.thinking?.most ?? 0) === 0 ? "" : `<h2>Thinking</h2>${thinking(report)}`}
${lengthsOf(report)}
<h2>How replies ended</h2>${endsOf(report)}
<h2>Settings</h2>${settingsOf(report)}
</html>
`;
}

function reference(official: Official | undefined): Metric[] {
  if (official === undefined) return [];
  const value = official.value / 100;
  return [{ name: "QwQ-32B, official", estimate: { value, low: value, high: value } }];
}

function tableOf(metrics: readonly Metric[]): string {
  const rows = metrics.map(
    ({ name, estimate: { value, low, high } }) =>
      `<tr><td>${escape(name)}<td class="n">${percent(value)}<td class="dim">${percent(low)} to ${percent(high)}`,
  );
  return `<table><tr><th>what<th>value<th>95 % interval${rows.join("")}</table>`;
}

/** Characters of an answer that are shown: of a program or a text, its beginning. */
const SHOWN = 60;

/** Every problem in a table that opens where it is wanted; the replies themselves stand in samples.jsonl. */
function problemsOf({ problems }: Report): string {
  const rows = problems.map(({ id, part, score, replies, majority, thinking: thoughts }) => {
    const answer = majority === undefined ? "" : [...majority].slice(0, SHOWN).join("");
    const cells = [score === undefined ? "" : percent(score), String(replies), whole(thoughts)];
    const numbers = cells.map((cell) => `<td class="n">${cell}`).join("");
    return `<tr><td>${escape(id)}<td class="dim">${escape(part ?? "")}${numbers}<td>${escape(answer)}`;
  });
  const head = "<tr><th>problem<th>part<th>right<th>replies<th>thoughts<th>most frequent answer";
  return `<details><summary>Each of them</summary><table>${head}${rows.join("")}</table></details>`;
}

const whole = (n: number | undefined) => (n === undefined ? "" : Math.round(n).toLocaleString("en"));

function lengthsOf({ tokens, thinking: thoughts }: Report): string {
  const row = (name: string, s: Spread | undefined) =>
    s === undefined
      ? ""
      : `<tr><td>${name}${[s.mean, s.median, s.p90, s.most].map((n) => `<td class="n">${Math.round(n).toLocaleString("en")}`).join("")}`;
  const rows = row("reply", tokens) + row("thoughts", thoughts);
  if (rows === "") return "<p>The server did not count tokens.</p>";
  return `<table><tr><th>tokens of a<th>mean<th>median<th>90 of 100 within<th>most${rows}</table>`;
}

function endsOf({ ends, unanswered, flaws }: Report): string {
  const row = ([name, count]: [string, number]) => `<tr><td>${escape(name)}<td class="n">${count}`;
  const flawed = Object.entries(flaws).map(([type, count]): [string, number] => [flawName(type), count]);
  const rows = [...Object.entries(ends), ["without an answer", unanswered] as [string, number], ...flawed].map(row);
  return `<table>${rows.join("")}</table>`;
}

function settingsOf({ settings }: Report): string {
  const { bench, data, at, samples, drawing, seed } = settings;
  const rows = {
    bench,
    data: `${data.from}, ${data.problems} problems, sha256 ${data.sha256}`,
    at,
    samples,
    seed,
    ...drawing,
  };
  const written = Object.entries(rows).map(([key, value]) => `<tr><td>${escape(key)}<td>${escape(String(value))}`);
  return `<table>${written.join("")}</table>`;
}
