import { it } from "vitest";
import { embed } from "../../../src/training/backward/embed.ts";
import { cases } from "../../support/backward.ts";

it.each(cases("embed"))("embed, %s: torch's gradient of E", (_, { tensor, values, check }) => {
  check({ dE: embed(tensor<"T C">("dy"), Uint32Array.from(values("ids")), tensor("E").shape[0]!) });
});
