/** Types of parameters, as BFCL's functions name them in three languages, and Python's types for them. */

export type Language = "python" | "java" | "javascript";

/** By the name that a function gives, the name of Python's type. */
export const TYPES: Readonly<Record<Language, ReadonlyMap<string, string>>> = {
  python: new Map([
    ["string", "str"],
    ["integer", "int"],
    ["float", "float"],
    ["boolean", "bool"],
    ["array", "list"],
    ["tuple", "list"],
    ["dict", "dict"],
    ["any", "str"],
  ]),
  java: new Map([
    ["byte", "int"],
    ["short", "int"],
    ["integer", "int"],
    ["float", "float"],
    ["double", "float"],
    ["long", "int"],
    ["boolean", "bool"],
    ["char", "str"],
    ["Array", "list"],
    ["ArrayList", "list"],
    ["Set", "set"],
    ["HashMap", "dict"],
    ["Hashtable", "dict"],
    ["Queue", "list"],
    ["Stack", "list"],
    ["String", "str"],
    ["any", "str"],
  ]),
  javascript: new Map([
    ["String", "str"],
    ["integer", "int"],
    ["float", "float"],
    ["Bigint", "int"],
    ["Boolean", "bool"],
    ["dict", "dict"],
    ["array", "list"],
    ["any", "str"],
  ]),
};

/** Types whose items have a type of their own. */
export const NESTED: Readonly<Record<Language, ReadonlySet<string>>> = {
  python: new Set(["array", "tuple"]),
  java: new Set(["Array", "ArrayList", "array"]),
  javascript: new Set(["Array", "ArrayList", "array"]),
};
