import { expect, it } from "vitest";
import { embed } from "../../src/reference/embed.ts";
import { eachBackend } from "../support/backends.ts";
import { golden } from "../support/golden.ts";
import { exact, within } from "../support/within.ts";

const file = golden("ops/embed");

eachBackend("embed gives the rows of E, to the bit", ({ ops }) => {
  it("rows", async () => {
    const x = await ops.download(ops.embed(file.tensor("rows.E"), Uint32Array.from(file.values("rows.ids"))));
    within("rows", x.data, file.values("rows.y"), exact, x.shape);
  });
});

it("embed refuses an id past the last row, and says where it stands", () => {
  expect(() => embed(file.tensor("rows.E"), Uint32Array.of(1, 12))).toThrow(
    "embed: expected ids below 12, got 12 at position 1. Use this model's own tokenizer.",
  );
});
