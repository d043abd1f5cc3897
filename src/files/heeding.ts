/** A source that asks somebody before it lends. */
import type { WeightSource } from "./source.ts";

/** The same source; `before` is called before each window, and what it throws is thrown in its place. */
export function heeding(source: WeightSource, before: () => void): WeightSource {
  return {
    tensors: source.tensors,
    get pin() {
      return source.pin;
    },
    set pin(bytes) {
      source.pin = bytes;
    },
    get elsewhere() {
      return source.elsewhere ?? 0;
    },
    set elsewhere(bytes) {
      source.elsewhere = bytes;
    },
    expect: (course) => source.expect(course),
    window(info, from, length, use) {
      before();
      return source.window(info, from, length, use);
    },
    close: () => source.close(),
  };
}
