/** Known flaws of replies, looked for in their text: endless repetition, and languages mixed in the thoughts. */
import { type Loop, LoopDetector } from "../generate/repetition.ts";
import { type Detect, languageMixing, type Mixing } from "./mixing.ts";

/** What is wrong with a reply. */
export type Flaw = ({ readonly type: "endless_repetition" } & Loop) | ({ readonly type: "language_mixing" } & Mixing);

/**
 * The flaws of a recorded reply. Words stand in for tokens in repetition.ts; the thoughts alone are looked at for mixing.
 *
 * cost     2 to 4 microseconds a word for loops; mixing.ts for the rest
 */
export function flawsOfReply(
  reply: { readonly thinking: string; readonly answer: string },
  question: string,
  detect: Detect,
): Flaw[] {
  const loop = textLoop(`${reply.thinking}\n${reply.answer}`);
  const mixing = languageMixing(reply.thinking, question, detect);
  return [
    ...(loop === undefined ? [] : [{ type: "endless_repetition" as const, ...loop }]),
    ...(mixing === undefined ? [] : [{ type: "language_mixing" as const, ...mixing }]),
  ];
}

/** The first loop of a text, counted in words: letters and digits together, every other sign by itself. */
export function textLoop(text: string): Loop | undefined {
  const detector = new LoopDetector();
  const ids = new Map<string, number>();
  for (const [word] of text.matchAll(/\p{Script=Han}|[\p{L}\p{N}]+|[^\s]/gu)) {
    const id = ids.get(word) ?? ids.size;
    ids.set(word, id);
    const loop = detector.push(id);
    if (loop !== undefined) return loop;
  }
  return undefined;
}

/** What a flaw is called where people read. */
export function flawName(type: string): string {
  return type.replaceAll("_", " ");
}
