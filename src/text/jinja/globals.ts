/**
 * The functions every chat template may call.
 */
import { text, whole } from "./arguments.ts";
import { str } from "./print.ts";
import { Scope } from "./scope.ts";
import { Callable, type Dict, fail, Namespace, typeName, type Value } from "./value.ts";

/** The longest `range` Jinja2's sandbox makes: MAX_RANGE. */
const LONGEST_RANGE = 100_000;

/** A scope with Jinja2's and Hugging Face's functions. */
export function globals(): Scope {
  const scope = new Scope();
  scope.set("range", new Callable(range));
  scope.set("dict", new Callable(([from], named) => new Map([...entries(from), ...named])));
  scope.set("namespace", new Callable(([from], named) => new Namespace(new Map([...entries(from), ...named]), true)));
  scope.set(
    "raise_exception",
    new Callable(([message = null]) => {
      throw fail(`raise_exception(${str(message)})`);
    }),
  );
  scope.set("strftime_now", new Callable(([format]) => strftime(new Date(), text(format))));
  return scope;
}

function range(args: Value[]): Value {
  const numbers = args.map(whole);
  const [start = 0, stop = 0, step = 1] = numbers.length === 1 ? [0, numbers[0]!] : numbers;
  if (step === 0 || numbers.length === 0) throw fail("range() without a stop or with step 0");
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > LONGEST_RANGE) throw fail(`range() of ${length}, beyond the sandbox's ${LONGEST_RANGE}`);
  return Array.from({ length }, (_, i) => BigInt(start + i * step));
}

function entries(from: Value | undefined): Dict {
  if (from === undefined) return new Map();
  if (from instanceof Map) return from;
  throw fail(`${typeName(from)} where a dict is needed`);
}

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** Python's `strftime` in the C locale, in local time, for the directives templates use; others are refused. */
export function strftime(now: Date, format: string): string {
  const two = (x: number) => String(x).padStart(2, "0");
  const hour = now.getHours() % 12 || 12;
  const parts: Readonly<Record<string, string>> = {
    Y: String(now.getFullYear()),
    y: two(now.getFullYear() % 100),
    m: two(now.getMonth() + 1),
    d: two(now.getDate()),
    H: two(now.getHours()),
    I: two(hour),
    M: two(now.getMinutes()),
    S: two(now.getSeconds()),
    p: now.getHours() < 12 ? "AM" : "PM",
    B: MONTHS[now.getMonth()]!,
    b: MONTHS[now.getMonth()]!.slice(0, 3),
    A: DAYS[now.getDay()]!,
    a: DAYS[now.getDay()]!.slice(0, 3),
    "%": "%",
  };
  return format.replace(/%(.?)/gsu, (_, letter: string) => {
    const part = Object.hasOwn(parts, letter) ? parts[letter] : undefined;
    if (part === undefined) throw fail(`strftime_now with %${letter}`);
    return part;
  });
}
