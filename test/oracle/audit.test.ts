import { expect, it } from "vitest";
import { audit } from "../../src/oracle/audit.ts";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { host } from "../../src/tensor.ts";
import { PLANTED } from "../support/bugs.ts";
import { bundleOf, recorded, run } from "../support/engine.ts";
import { model } from "../support/models.ts";

const { checkpoint } = model("tiny");

it("agrees with Hugging Face's own values, and without a model looks at hashes alone", async () => {
  const bundle = openBundle(bundleOf("tiny", recorded("tiny")));
  expect(await audit(bundle)).toEqual({ hashed: 48, replayed: 0, z: 0 });
  expect(await audit(bundle, checkpoint)).toMatchObject({ hashed: 48, replayed: 48 });
  bundle.close();
});

it("fails its self-check on values that the second path does not give", async () => {
  const wrong = openBundle(bundleOf("tiny", run("tiny", 2, PLANTED.find(({ name }) => name === "gqa-tile")!.bug)));
  await expect(audit(wrong, checkpoint)).rejects.toMatchObject({ code: "E_SELF_CHECK", tensor: "2.a" });
  wrong.close();
  const values = new Map(recorded("tiny"));
  const { shape, data } = values.get("0.q")!;
  values.set(
    "0.q",
    host(
      shape,
      data.map((x, i) => (i < 80 ? x * (1 + 1e-5) : x)),
    ),
  );
  const changed = openBundle(bundleOf("tiny", values));
  await expect(audit(changed, checkpoint)).rejects.toMatchObject({ code: "E_SELF_CHECK", tensor: "0.q" });
  changed.close();
});
