/**
 * What each tap is computed from, in the order of the page.
 */
import type { Activations } from "../model.ts";
import { tapNames } from "./taps.ts";

/** The short name of a tap of a layer. */
export type Short = keyof Activations;

/** "x" is what comes into the layer. */
const INPUTS: Readonly<Record<Short, readonly (Short | "x")[]>> = {
  n1: ["x"],
  q: ["n1"],
  k: ["n1"],
  v: ["n1"],
  qr: ["q"],
  kr: ["k"],
  a: ["qr", "kr", "v"],
  o: ["a"],
  mid: ["x", "o"],
  n2: ["mid"],
  gate: ["n2"],
  up: ["n2"],
  act: ["gate", "up"],
  down: ["act"],
  out: ["mid", "down"],
};

/** The two parts of a tap's name; `embed`, `norm` and `logits` have no layer. */
export function parts(name: string): { readonly layer: number | undefined; readonly short: string } {
  const dot = name.indexOf(".");
  return { layer: dot < 0 ? undefined : Number(name.slice(0, dot)), short: name.slice(dot + 1) };
}

/** What comes into layer l. */
export function inputOf(l: number): string {
  return l === 0 ? "embed" : `${l - 1}.out`;
}

/** The taps that a tap is computed from; none of `embed`. */
export function inputsOf(name: string, layers: number): string[] {
  const { layer, short } = parts(name);
  if (short === "embed") return [];
  if (short === "norm") return [inputOf(layers)];
  if (short === "logits") return ["norm"];
  return INPUTS[short as Short].map((input) => (input === "x" ? inputOf(layer!) : `${layer!}.${input}`));
}

/** The nearest taps before a tap that are there, and those between that are not. */
export function nearest(
  name: string,
  layers: number,
  there: (name: string) => boolean,
): { readonly inputs: string[]; readonly missing: string[] } {
  const [inputs, missing] = [new Set<string>(), new Set<string>()];
  const look = (tap: string) => {
    for (const input of inputsOf(tap, layers)) {
      if (there(input)) inputs.add(input);
      else if (!missing.has(input)) {
        missing.add(input);
        look(input);
      }
    }
  };
  look(name);
  missing.delete("embed"); // known from the ids
  const inOrder = (names: Set<string>) => tapNames(layers).filter((tap) => names.has(tap));
  return { inputs: inOrder(inputs), missing: inOrder(missing) };
}
