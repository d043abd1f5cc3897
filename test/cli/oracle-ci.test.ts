/** The JavaScript of docs/oracle-ci.md, as it stands there. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openBundle } from "../../src/oracle/bundle-read.ts";
import { qwq } from "../support/cli.ts";
import { temporaryFolder } from "../support/folder.ts";

it("the JavaScript guide writes what import reads", async () => {
  const folder = temporaryFolder();
  const code = /```js\n([^]*?)```/.exec(readFileSync("docs/oracle-ci.md", "utf8"))![1]!;
  writeFileSync(join(folder, "dump.mjs"), code);
  const use = `import { dump, finish } from "./dump.mjs";
dump("0.qr", Float32Array.of(1, 2, 3, 4), [2, 2]); dump("model.layers.0:out", Float32Array.of(5, 6), [2, 1]); finish([7, 8]);`;
  execFileSync(process.execPath, ["--input-type=module", "-e", use], { cwd: folder });
  const out = join(folder, "c.oracle");
  const ran = await qwq(["oracle", "import", "raw+json", join(folder, "dump"), "-o", out, "--quiet"]);
  expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
  const bundle = openBundle(out);
  expect(bundle.manifest).toMatchObject({ engine: "mine", input: { ids: [7, 8] } });
  expect([...bundle.read("0.qr")!.data, ...bundle.read("0.out")!.data]).toEqual([1, 2, 3, 4, 5, 6]);
  bundle.close();
});
