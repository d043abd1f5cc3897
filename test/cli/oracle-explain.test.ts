import { expect, it } from "vitest";
import { qwqOnTiny as qwq } from "../support/cli.ts";

it("qwq oracle explain prints a page, as text, Markdown and JSON, and lists all of them", async () => {
  const [text, markdown, json, list] = await Promise.all([
    qwq(["oracle", "explain", "gqa-tile"]),
    qwq(["oracle", "explain", "gqa-tile", "--md"]),
    qwq(["oracle", "explain", "gqa-tile", "--json"]),
    qwq(["oracle", "explain"]),
  ]);
  expect([text, markdown, json, list].map(({ code, stderr }) => [code, stderr])).toEqual(new Array(4).fill([0, ""]));
  expect(text.stdout).toMatch(/^gqa-tile\n========\n\nQuery heads share key heads/);
  expect(markdown.stdout).toMatch(/^## gqa-tile\n\nQuery heads/);
  expect(JSON.parse(json.stdout)).toMatchObject({
    code: "gqa-tile",
    summary: "Query heads share key heads in groups.",
  });
  expect(list.stdout).toContain("\ngqa-tile              Query heads share key heads in groups.\n");
});

it("lists them as JSON too", async () => {
  const { stdout } = await qwq(["oracle", "explain", "--json"]);
  const all = JSON.parse(stdout) as { code: string; summary: string }[];
  expect(all.find(({ code }) => code === "gqa-tile")?.summary).toBe("Query heads share key heads in groups.");
});

it("ends with 2 for a code that there is not", async () => {
  const ran = await qwq(["oracle", "explain", "gqa-tiles"]);
  expect([ran.code, ran.stdout]).toEqual([2, ""]);
  expect(ran.stderr).toMatch(/^qwq: oracle explain: expected a code such as gqa-tile, /);
});
