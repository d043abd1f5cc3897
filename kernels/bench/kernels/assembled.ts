/** AssemblyScript of one small function, compiled where it stands. */
import asc from "assemblyscript/asc";

/** The module; where it uses a memory, it imports env.memory. */
export async function assembled(source: string): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array();
  const flags = "run.ts -O3 --runtime stub --enable simd --enable relaxed-simd --importMemory --outFile run.wasm";
  const { error, stderr } = await asc.main(flags.split(" "), {
    readFile: (name) => (name === "run.ts" ? source : null),
    writeFile: (_, made) => {
      if (typeof made !== "string") bytes = Uint8Array.from(made);
    },
  });
  if (error) throw new Error(stderr.toString());
  return bytes;
}
