/**
 * What `value.name`, `value[key]` and `value[a:b:c]` are: Jinja2's lookup in its immutable sandbox.
 */
import { dictMethod, listMethod, stringMethod } from "./methods.ts";
import { repr } from "./print.ts";
import { fail, Namespace, numeric, typeName, Undefined, type Value } from "./value.ts";
import { used } from "./operators.ts";

/** `object.name`: a method before a key of that name. Fails where object is undefined itself. */
export function attribute(object: Value, name: string): Value {
  const method = own(used(object), name);
  return method === undefined ? keyed(object, name) : method;
}

/** `object[key]`: a key or index before a method of that name. */
export function item(object: Value, index: Value): Value {
  const container = used(object);
  if (typeof index === "string") {
    const method = container instanceof Map && container.has(index) ? undefined : own(container, index);
    return method === undefined ? keyed(container, index) : method;
  }
  const at = numeric(index);
  if (typeof at === "bigint" && (Array.isArray(container) || typeof container === "string")) {
    const all = typeof container === "string" ? Array.from(container) : container;
    const found = all.at(Number(at));
    if (found !== undefined) return found;
  }
  return missing(container, index);
}

/** `object[start:stop:step]`, each of them an int, None or absent. */
export function slice(object: Value, start: Value, stop: Value, step: Value): Value {
  const container = used(object);
  if (typeof container !== "string" && !Array.isArray(container)) return missing(container, "a slice");
  const all: readonly Value[] = typeof container === "string" ? Array.from(container) : container;
  const by = bound(step) ?? 1;
  if (by === 0) throw fail("a slice with step 0");
  const [low, high] = by > 0 ? [0, all.length] : [-1, all.length - 1];
  const place = (given: Value, absent: number) => {
    const at = bound(given);
    return at === undefined ? absent : Math.min(Math.max(at < 0 ? at + all.length : at, low), high);
  };
  const result: Value[] = [];
  const end = place(stop, by > 0 ? high : low);
  for (let i = place(start, by > 0 ? low : high); by > 0 ? i < end : i > end; i += by) result.push(all[i]!);
  return typeof container === "string" ? result.join("") : result;
}

function bound(value: Value): number | undefined {
  if (value === null) return undefined;
  const x = numeric(value);
  if (typeof x !== "bigint") throw fail(`${typeName(value)} as a bound of a slice`);
  return Number(x);
}

function own(object: Value, name: string): Value | undefined {
  if (typeof object === "string") return stringMethod(object, name);
  if (Array.isArray(object)) return listMethod(object, name);
  if (object instanceof Map) return dictMethod(object, name);
  return object instanceof Namespace ? object.attributes.get(name) : undefined;
}

function keyed(object: Value, name: string): Value {
  const value = object instanceof Map ? object.get(name) : undefined;
  return value === undefined ? missing(object, name) : value;
}

function missing(object: Value, name: Value): Undefined {
  return new Undefined(`${typeName(object)} without ${repr(name)}`);
}
