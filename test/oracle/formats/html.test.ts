import { expect, it } from "vitest";
import { reportHtml } from "../../../src/oracle/formats/html.ts";
import { pageData } from "../../../src/oracle/formats/html-data.ts";
import { failing, HOSTILE, passing } from "../../support/reports.ts";

it("is one page that loads nothing, with its data in it", () => {
  const html = reportHtml(failing());
  expect(html).toMatch(/^<!doctype html>\n/);
  expect(html).not.toMatch(/(?:src|href)=|url\(|@import|https?:/);
  const data = /<script type="application\/json" id="data">(.*)<\/script>\n/.exec(html)![1]!;
  expect(JSON.parse(data)).toEqual(JSON.parse(JSON.stringify(pageData(failing()))));
});

it("lets no name become markup", () => {
  const report = failing();
  const html = reportHtml({ ...report, engine: HOSTILE, policy: HOSTILE, notes: [HOSTILE] }, { candidate: HOSTILE });
  expect(html).not.toContain("<img");
  expect(html.match(/<\/script>/g)).toHaveLength(2);
});

it("z of each tap stands in at most 128 columns, of which each shows its worst position", () => {
  const { columns, taps, places, first } = pageData(failing("1.kr", 3, 1000));
  expect(columns).toHaveLength(125);
  expect([columns[0], columns.at(-1)]).toEqual([
    [0, 7],
    [992, 999],
  ]);
  expect(places).toEqual(["embed", "0", "1", "2", "norm", "logits"]);
  const bad = taps.find(({ name }) => name === first)!;
  expect([bad.cells.at(-1), bad.cells[0], bad.state]).toEqual([249, 124, "first"].map((x) => (x === 124 ? 125 : x)));
  expect(taps.at(-1)!.state).toBe("inherited");
});

it("a position that only some taps have is empty for the others", () => {
  const report = passing();
  const taps = report.taps.map((tap, i) => (i === 1 ? { ...tap, rows: tap.rows.slice(2) } : tap));
  expect(pageData({ ...report, taps }).taps[1]!.cells.slice(0, 2)).toEqual([null, null]);
});
