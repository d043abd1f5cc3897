/**
 * Macros, and blocks that call one with a body of their own.
 */
import { callValue, evaluate, evaluateArguments } from "./evaluate.ts";
import { type Run, Scope } from "./scope.ts";
import type { CallBlock, Parameter } from "./tree.ts";
import { Callable, type Dict, fail, type Named, Undefined, type Value } from "./value.ts";

/** What the body of a macro or call block prints when its parameters are in `scope`. */
type Body = (scope: Scope) => string;

/** The function a macro is. It sees the names of the place where it stands, not of the place that calls it. */
export function macro(name: string, parameters: readonly Parameter[], body: Body, scope: Scope, run: Run): Callable {
  return new Callable((args, named) => {
    const inner = new Scope(scope);
    bindParameters(name, parameters, args, named, inner, run);
    return body(inner);
  });
}

/** `{% call(x) name(...) %}body{% endcall %}`: the body is the macro's `caller`. */
export function callBlock(node: CallBlock, body: Body, scope: Scope, run: Run): Value {
  const callee = evaluate(node.call.callee, scope, run);
  const { args, named } = evaluateArguments(node.call.args, scope, run);
  named.set("caller", macro("caller", node.callerArgs ?? [], body, scope, run));
  return callValue(callee, args, named);
}

function bindParameters(
  name: string,
  parameters: readonly Parameter[],
  args: Value[],
  named: Named,
  scope: Scope,
  run: Run,
): void {
  if (args.length > parameters.length) throw fail(`${args.length} arguments for the macro ${name}`);
  const rest: Dict = new Map(named);
  parameters.forEach((parameter, i) => {
    const key = parameter.type === "Identifier" ? parameter.value : parameter.key.value;
    const given = args[i] === undefined ? rest.get(key) : args[i];
    rest.delete(key);
    if (given !== undefined) scope.set(key, given);
    else if (parameter.type === "Identifier") scope.set(key, new Undefined(`the macro ${name} got no '${key}'`));
    else scope.set(key, evaluate(parameter.value, scope, run));
  });
  const caller = rest.get("caller");
  if (caller !== undefined) scope.set("caller", caller);
  rest.delete("caller");
  for (const key of rest.keys()) throw fail(`the argument '${key}', which the macro ${name} does not take`);
}
