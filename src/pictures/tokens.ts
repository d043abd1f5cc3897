/** Text as tokens, and how a word's bytes become them. */
import { FAINT, PALETTE, tone } from "./palette.ts";
import { Picture } from "./picture.ts";
import { label, line, rect, sheet, visible } from "./svg.ts";

const GLYPH = 9;
const ROW = 34;
const widthOf = (text: string, id: number | undefined) =>
  Math.max([...visible(text)].length * GLYPH, String(id ?? "").length * 8) + 14;

/** A row of tokens, each with its text and below it its id. */
export function tokenStrip(pieces: readonly string[], ids: readonly number[]): Picture {
  let x = 10;
  const drawn = pieces.map((piece, t) => {
    const width = widthOf(piece, ids[t]);
    const box = rect(x, 10, width, ROW, { rx: 5, fill: tone("T", t % 2 === 0 ? 0.32 : 0.18) });
    const text = label(x + width / 2, 10 + ROW / 2, visible(piece), { "font-family": "monospace", "font-size": 15 });
    const id = label(x + width / 2, 20 + ROW + 8, String(ids[t]), { fill: PALETTE.V, "font-size": 12 });
    x += width + 4;
    return box + text + id;
  });
  const alt = `${pieces.length} tokens: ${pieces.map((piece, t) => `${JSON.stringify(piece)} is ${ids[t]}`).join(", ")}`;
  return new Picture(sheet(x + 6, ROW + 44, ...drawn), alt, { ids });
}

/** What a word was after each merge: the first row its bytes, the last its tokens. */
export function mergeTree(rows: readonly (readonly string[])[]): Picture {
  const height = 50;
  const cells: { x: number; width: number; from: number; to: number }[][] = [];
  const letters = rows[0]!.map((text) => widthOf(text, undefined) + 8);
  const places = letters.map((_, i) => 10 + letters.slice(0, i).reduce((a, b) => a + b, 0));
  for (const row of rows) {
    let from = 0;
    cells.push(
      row.map((text) => {
        const to = from + spanOf(rows[0]!, from, text);
        const cell = { x: places[from]!, width: places[to - 1]! + letters[to - 1]! - places[from]! - 4, from, to };
        from = to;
        return cell;
      }),
    );
  }
  const drawn = rows.flatMap((row, r) =>
    row.flatMap((text, i) => {
      const { x, width, from, to } = cells[r]![i]!;
      const [y, middle] = [10 + r * height, x + width / 2];
      const above = (cells[r - 1] ?? []).filter((cell) => cell.from >= from && cell.to <= to);
      const merged = above.length > 1;
      const shade = merged ? tone("T", 0.55) : tone("T", 0.2);
      return [
        ...above.map((cell) =>
          line(cell.x + cell.width / 2, y - height + 30, middle, y, { stroke: merged ? PALETTE.T : FAINT }),
        ),
        rect(x, y, width, 30, { rx: 5, fill: shade }),
        label(middle, y + 15, visible(text), { "font-family": "monospace", "font-size": 15 }),
      ];
    }),
  );
  const width = places.at(-1)! + letters.at(-1)! + 10;
  const alt = `merges from top to bottom: ${rows.map((row) => row.map(visible).join(" ")).join("; then ")}`;
  return new Picture(sheet(width, rows.length * height, ...drawn), alt, { tokens: rows.map((row) => row.length) });
}

/** How many letters from `from` on spell this text. */
function spanOf(letters: readonly string[], from: number, text: string): number {
  let spelt = "";
  let to = from;
  while (spelt.length < text.length) spelt += letters[to++] ?? text;
  return to - from;
}
