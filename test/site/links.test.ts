import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { brokenLinks } from "../../docs/site/check.ts";
import { documents } from "../../docs/site/contents.ts";
import { relink } from "../../docs/site/links.ts";
import { pageOf, root } from "../../docs/site/places.ts";

const named = () => ({ sources: new Set<string>(), pictures: new Set<string>() });
const folder = mkdtempSync(join(tmpdir(), "qwq-site-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("every link of every document leads to a file of the repository", () => {
  for (const path of documents()) relink(readFileSync(join(root, path), "utf8"), path, named());
});

it("a link that leads to no file names the document and itself", () => {
  expect(() => relink("see [that](gone.md)", "README.md", named())).toThrow("README.md: gone.md leads to no file");
});

it("a document's link becomes its page, a source's the page that shows it, a picture's its copy", () => {
  const found = named();
  const text = "[axes](axes.md#axes) [page](../src/model.ts) [all](../src/reference) ![cost](cost.svg)";
  expect(relink(text, "docs/kernels.md", found)).toBe(
    "[axes](/axes#axes) [page](/source/src/model.ts) [all](/source/src/reference/index) ![cost](/pictures/docs/cost.svg)",
  );
  expect([...found.sources, ...found.pictures]).toEqual(["src/model.ts", "src/reference", "docs/cost.svg"]);
});

it("code stays as it is, a thread becomes a link, an angle bracket that is no element is a letter", () => {
  expect(relink("`[a](b.md)` and <think>\n```\n[a](b.md) a/b#1\n```\n", "README.md", named())).toBe(
    "`[a](b.md)` and &lt;think>\n```\n[a](b.md) a/b#1\n```\n",
  );
  expect(relink("seen in ggml-org/llama.cpp#12791.", "README.md", named())).toBe(
    "seen in [ggml-org/llama.cpp#12791](https://github.com/ggml-org/llama.cpp/issues/12791).",
  );
});

it("the check of a built site finds a page that is not there and a place that is not on its page", () => {
  writeFileSync(
    join(folder, "a.html"),
    '<a href="/b.html#here">b</a><a href="gone.html">c</a><a href="/b.html#no">d</a>',
  );
  writeFileSync(join(folder, "b.html"), '<h1 id="here">b</h1>');
  expect(brokenLinks(folder)).toEqual([
    "a.html: gone.html leads nowhere",
    "a.html: /b.html#no: no such place on that page",
  ]);
});

it("a link that leads to no file is an error, to a notebook as to a source", () => {
  for (const to of ["99-none.ipynb", "../src/none.ts"]) {
    expect(() => relink(`[next](${to})`, "notebooks/01-tokens.ipynb", named())).toThrow("leads to no file");
  }
});

it("no two documents share a page", () => {
  const all = documents().map(pageOf);
  expect(new Set(all).size).toBe(all.length);
});
