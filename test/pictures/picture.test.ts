import { expect, it } from "vitest";
import { Picture } from "../../src/pictures/picture.ts";
import { element, label, rect, sheet, visible } from "../../src/pictures/svg.ts";

const DISPLAY = Symbol.for("Jupyter.display");
const drawn = sheet(20, 10, rect(1.23456, 0, 3, 4, { fill: "#123456" }), label(5, 5, 'a < "b" & 100%', { id: "it's" }));
const picture = new Picture(drawn, 'says "hello" & more', { shown: [1] });

it("is one element a line, with two decimals", () => {
  expect(picture.svg.split("\n").length).toBe(5);
  expect(picture.svg).toContain('x="1.23"');
});

it("rounds no label", () => {
  expect(new Picture(sheet(20, 10, label(5.4321, 5, "0.001")), "a number", {}).svg).toMatch(/x="5.43"[^>]*>0.001</);
});

it("its img holds the same SVG again, and nothing in it ends the attribute", () => {
  const html = picture.html();
  expect(html).toMatch(
    /^<img width="20" alt="says &quot;hello&quot; &amp; more" src="data:image\/svg\+xml;charset=utf-8,[^"<>#]*">$/,
  );
  const source = decodeURIComponent(/utf-8,([^"]*)"/.exec(html)![1]!);
  expect(source.replaceAll("'", '"').replaceAll("&#39;", "'")).toBe(picture.svg);
});

it("gives a kernel its forms", () => {
  expect(picture[DISPLAY as never]).toBeTypeOf("function");
  const forms = (picture as unknown as Record<symbol, () => Record<string, string>>)[DISPLAY]!();
  expect(forms).toEqual({ "text/html": picture.html(), "text/plain": picture.alt });
});

it("draws what it is told", () => {
  expect(element("g", { a: 1 }, element("b", {}))).toBe('<g a="1"><b/></g>');
  expect(visible(" a\n")).toBe("·a↵");
});
