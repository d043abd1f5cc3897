import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accepts, Automaton, type State } from "../../src/grammar/automaton.ts";
import { OBJECT_LANGUAGE, schemaLanguage } from "../../src/grammar/schema.ts";
import { readJson } from "../../src/json/json.ts";

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const bytes = (text: string) => new TextEncoder().encode(text);
const automatonOf = (schema: unknown) => new Automaton(schemaLanguage(readJson(JSON.stringify(schema), "test")));
const matcher = (schema: unknown) => {
  const automaton = automatonOf(schema);
  return (text: string) => accepts(automaton, bytes(text));
};

/** A text of the language, drawn byte by byte; after a while by what ends soon. */
function drawn(automaton: Automaton, random: () => number): string | undefined {
  const made: number[] = [];
  let state: State = automaton.start;
  const open = (): number[] => [...Array(256).keys()].filter((byte) => automaton.step(state, byte) !== null);
  for (let i = 0; i < 5000; i++) {
    const all = open();
    if (all.length === 0 || (state.accepting && random() < 0.5)) break;
    const ending = all.filter((byte) => '"}]0e'.includes(String.fromCharCode(byte)));
    const from = i > 60 && ending.length > 0 && random() < 0.9 ? ending : all;
    const byte = from[Math.floor(random() * from.length)]!;
    made.push(byte);
    state = automaton.step(state, byte)!;
  }
  return state.accepting ? new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(made)) : undefined;
}

/** Schemas of what is followed. */
const { schema } = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<object>(
      {},
      { type: "boolean" },
      { type: "null" },
      { type: ["string", "null"] },
      { type: "number" },
    ),
    fc.record({
      type: fc.constant("integer"),
      minimum: fc.integer({ min: -50, max: 5 }),
      maximum: fc.integer({ min: 6, max: 500 }),
    }),
    fc.record({ type: fc.constant("string"), minLength: fc.nat(2), maxLength: fc.integer({ min: 2, max: 5 }) }),
    fc.constantFrom<object>(
      { type: "string", pattern: "^[a-c]{2,4}(x|yz)?$" },
      { enum: ["a", 1, null, { b: [2] }] },
      { const: 'say "x"' },
    ),
    fc.record(
      {
        type: fc.constant("array"),
        items: tie("schema"),
        minItems: fc.nat(2),
        maxItems: fc.integer({ min: 2, max: 4 }),
      },
      { requiredKeys: ["type", "items"] },
    ),
    fc.record({
      type: fc.constant("array"),
      prefixItems: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }),
      items: fc.boolean(),
    }),
    fc
      .tuple(
        fc.dictionary(fc.constantFrom("a", "ab", "é", 'q"', ""), tie("schema"), { maxKeys: 3 }),
        fc.boolean(),
        fc.nat(3),
      )
      .map(([properties, additionalProperties, many]) => {
        return { type: "object", properties, additionalProperties, required: Object.keys(properties).slice(0, many) };
      }),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
  ),
}));

describe("schemaLanguage", () => {
  it("has only texts that are valid by the schema, as ajv judges", () => {
    let seen = 0;
    fc.assert(
      fc.property(schema, fc.integer(), (one, seed) => {
        const automaton = automatonOf(one);
        const valid = ajv.compile(one);
        let state = seed >>> 0;
        const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
        const text = drawn(automaton, random);
        if (text === undefined) return;
        seen++;
        const value: unknown = JSON.parse(text);
        expect([text, valid(value) ? null : valid.errors]).toEqual([text, null]);
      }),
      { numRuns: 300 },
    );
    expect(seen).toBeGreaterThan(200);
  });

  it("has a value as JSON.stringify prints it, on one line and on many, with its members in the schema's order", () => {
    const is = matcher({
      type: "object",
      properties: {
        name: { type: "string" },
        tags: { type: "array", items: { type: "string" } },
        age: { type: "integer" },
      },
      required: ["name", "age"],
    });
    for (const value of [
      { name: 'J "x" \u{1F600}\n', tags: ["a", "b"], age: -7 },
      { name: "", age: 0 },
      { name: "x", tags: [], age: 1 },
    ]) {
      for (const indent of [0, 1, 2, "\t"]) expect(is(JSON.stringify(value, null, indent))).toBe(true);
    }
    for (const text of [
      '{"age":1,"name":""}',
      '{"name":""}',
      '{"name":"","age":1,"more":2}',
      '{"name":"","age":1.5}',
      '{"name":"","age":1,}',
    ]) {
      expect(is(text)).toBe(false);
    }
  });

  it("follows references, also in circles", () => {
    const is = matcher({
      $defs: {
        node: {
          type: "object",
          properties: { v: { type: "integer" }, next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
          required: ["v", "next"],
        },
      },
      $ref: "#/$defs/node",
    });
    expect(is('{"v":1,"next":{"v":2,"next":{"v":3,"next":null}}}')).toBe(true);
    expect(is('{"v":1,"next":{"v":2,"next":{"v":"3","next":null}}}')).toBe(false);
    expect(matcher({ $ref: "#" })("1")).toBe(false); // means nothing, and ends
  });

  it("makes one of allOf, and of words beside anyOf and $ref", () => {
    const is = matcher({
      $defs: { named: { type: "object", properties: { name: { type: "string" } }, required: ["name"] } },
      allOf: [{ $ref: "#/$defs/named" }, { properties: { size: { type: "integer", minimum: 1 } } }],
      properties: { size: { maximum: 3 } },
      anyOf: [{ required: ["size"] }, { properties: { kind: { const: "none" } }, required: ["kind"] }],
    });
    for (const text of ['{"size":2,"name":"x"}', '{"name":"x","kind":"none"}'])
      expect([text, is(text)]).toEqual([text, true]);
    for (const text of ['{"size":4,"name":"x"}', '{"size":2}', '{"name":"x"}'])
      expect([text, is(text)]).toEqual([text, false]);
  });

  it("lets no member come twice by another spelling of its key", () => {
    const is = matcher({
      type: "object",
      properties: { ab: { type: "integer" } },
      additionalProperties: { type: "null" },
    });
    for (const text of ['{"ab":1,"a":null,"abc":null,"":null}', '{"x":null}', "{}"])
      expect([text, is(text)]).toEqual([text, true]);
    for (const text of ['{"ab":1,"ab":null}', '{"ab":1,"\\u0061b":null}', '{"x":1}'])
      expect([text, is(text)]).toEqual([text, false]);
  });

  it.each([
    ["date", ["2024-02-29", "2023-12-31"], ["2023-02-29", "2024-13-01", "2024-04-31"]],
    ["date-time", ["2024-02-29T23:59:59Z", "2023-01-01T00:00:00.5+01:00"], ["2023-01-01", "2023-01-01T24:00:00Z"]],
    ["uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]],
    ["ipv4", ["255.0.10.99"], ["256.1.1.1", "1.1.1"]],
    ["email", ["a.b@c.org"], ["a@b", "@c.org"]],
  ])("knows the format %s", (format, good, bad) => {
    const is = matcher({ type: "string", format });
    expect(good.every((text) => is(JSON.stringify(text)))).toBe(true);
    expect(bad.some((text) => is(JSON.stringify(text)))).toBe(false);
  });

  it("reads patterns as JavaScript does", () => {
    const patterns = ["^\\d{3}-\\w+$", "a.c", "^(?:x|y)*$", "^[^a-y\\s]?é+$", "^(a|b){2,3}?$", "\\u{1F600}", "^$"];
    const texts = ["123-ab_9", "xabcx", "a\nc", "xyxy", "zéé", "ab", "abab", "\u{1F600}!", "", '"', "é", "aé"];
    for (const pattern of patterns) {
      const is = matcher({ type: "string", pattern });
      for (const text of texts) {
        const plain = JSON.stringify(text).length === text.length + 2;
        const expected = new RegExp(pattern, "u").test(text) && (plain || pattern.startsWith("^"));
        expect([pattern, text, is(JSON.stringify(text))]).toEqual([pattern, text, expected]);
      }
    }
  });

  const WRONG: readonly (readonly [schema: unknown, message: string])[] = [
    [{ not: {} }, 'schema: expected words that a grammar can follow, got "not". Leave it out, and check the reply.'],
    [
      { type: "text" },
      'schema.type: expected one of object, array, string, number, integer, boolean, null, got "text". Correct the schema.',
    ],
    [{ $ref: "#/$defs/x" }, 'schema.$ref: expected a schema of this document, got "#/$defs/x". Correct the schema.'],
    [{ $ref: "http://x" }, 'schema.$ref: expected "#" or "#/$defs/...", got "http://x". Correct the schema.'],
    [
      { type: "string", pattern: "(" },
      "schema.pattern: expected a regular expression, got Invalid regular expression: /(/u: Unterminated group. Write the pattern without it, or leave it out.",
    ],
    [
      { type: "string", pattern: "(?=a)" },
      'schema.pattern: expected what an automaton can follow, got "(?=a)". Write the pattern without it, or leave it out.',
    ],
    [
      { allOf: [{ $ref: "#" }] },
      "schema: expected references that come to an end, got a circle of them. Correct the schema.",
    ],
    [{ properties: { a: 3 } }, "schema.properties.a: expected an object, true or false, got 3. Correct the schema."],
  ];
  it.each(WRONG)("refuses %j", (one, message) => {
    expect(() => automatonOf(one)).toThrow(expect.objectContaining({ code: "E_SCHEMA", message }));
  });
});

describe("any object", () => {
  const automaton = new Automaton(OBJECT_LANGUAGE);

  it("is whatever fast-check takes for JSON, in braces", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify({ value }, null, indent);
        expect([text, accepts(automaton, bytes(text))]).toEqual([text, !/[0-9]{17}/.test(text)]);
      }),
    );
    expect(["[]", "1", "{", '{"a"}', '{"a":1,}'].some((text) => accepts(automaton, bytes(text)))).toBe(false);
  });
});
