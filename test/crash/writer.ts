/**
 * A process that writes one kind of output again and again until it is killed: node writer.mjs DIST KIND FOLDER FIRST,
 * where DIST is the URL of dist/src. It says "ready" before the first byte. The test transpiles this file, since Node
 * starts in a tenth of the time that tsx takes.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , dist = "", kind = "", folder = "", first = "0"] = process.argv;

type Output = typeof import("../../src/files/output.ts");
type Bundle = typeof import("../../src/oracle/bundle.ts");
type Synth = typeof import("../../src/synth/synth.ts");
type Manifest = typeof import("../../src/files/manifest.ts");
type Open = typeof import("../../src/files/checkpoint.ts");
type Quantize = typeof import("../../src/quantize/quantize.ts");
type Tensor = typeof import("../../src/tensor.ts");

const load = async <T>(name: string) => (await import(`${dist}/${name}.js`)) as T;

/** A text that holds its number, some length that depends on it, and the hash of both. */
function numbered(n: number): Buffer {
  const body = Buffer.alloc(100_000 + 7919 * (n % 13), `${n} `);
  return Buffer.concat([body, Buffer.from(`\n${createHash("sha256").update(body).digest("hex")}`)]);
}

/** How each kind writes its n-th output. */
const KINDS: Readonly<Record<string, () => Promise<(n: number) => unknown>>> = {
  /** What this package does not do: the test must see it fail. */
  async plain() {
    return (n) => writeFileSync(join(folder, "out"), Buffer.concat(Array.from({ length: 40 }, () => numbered(n))));
  },
  async file() {
    const { writeAtomically } = await load<Output>("files/output");
    return (n) => {
      const bytes = numbered(n);
      writeAtomically(join(folder, "out"), (write) => {
        for (let at = 0; at < bytes.length; at += 10_000) write(bytes.subarray(at, at + 10_000));
      });
    };
  },
  async manifest() {
    const { manifestText } = await load<Manifest>("files/manifest");
    const { writeAtomically } = await load<Output>("files/output");
    return (n) => {
      const sha256 = createHash("sha256").update(`${n}`).digest("hex");
      const file = { bytes: n, sha256 };
      const tensor = (i: number) => ({ file: "a", dtype: "F32", shape: [n, i], crc32: sha256.slice(0, 8) });
      const tensors = new Map(Array.from({ length: 771 }, (_, i) => [`model.layers.${i}.weight`, tensor(i)]));
      const text = manifestText({ producer: new Map([["n", `${n}`]]), files: new Map([["a", file]]), tensors });
      writeAtomically(join(folder, "model.manifest.json"), (write) => write(Buffer.from(text)));
    };
  },
  async bundle() {
    const { writeBundle } = await load<Bundle>("oracle/bundle");
    const { host } = await load<Tensor>("tensor");
    const stats = { absmax: 1, rms: 1, nonfinite: 0 };
    return (n) => {
      const data = host<string>([64, 80], new Float32Array(64 * 80).fill(n));
      const rows = Array.from({ length: 64 }, (_, t) => t);
      const taps = ["n1", "q", "out"].map((name) => ({ name: `0.${name}`, dims: "T C", data, rows, stats }));
      const head = { role: "reference", model: {}, producer: {}, policy: "f32", input: { ids: rows } } as const;
      writeBundle(join(folder, `${n}.oracle`), head, taps);
    };
  },
  /** The parent removes what it has seen whole: n.done stands for it. */
  async synth() {
    const { synthesise } = await load<Synth>("synth/synth");
    const text = process.env["CONFIG"]!;
    return async (n) => {
      const out = join(folder, `${n}`);
      await synthesise(out, { text, path: "config" }, { seed: 5n, shardBytes: 20_000, threads: 1 });
      writeFileSync(join(folder, `${n}.done`), ""); // made by the synth that came to its end
    };
  },
  async quantize() {
    const { quantize } = await load<Quantize>("quantize/quantize");
    const { openCheckpoint } = await load<Open>("files/checkpoint");
    return async (n) => {
      const checkpoint = openCheckpoint(process.env["MODEL"]!);
      const folder8 = n % 2 === 0;
      const out = join(folder, folder8 ? `${n}` : `${n}.gguf`);
      await quantize(checkpoint, out, folder8 ? "int8" : "q8_0", { threads: 1, shardBytes: 20_000 });
      checkpoint.close();
    };
  },
};

mkdirSync(folder, { recursive: true });
const write = await KINDS[kind]!();
process.stdout.write("ready\n");
for (let n = Number(first); ; n++) if (!existsSync(join(folder, `${n}.done`))) await write(n);
