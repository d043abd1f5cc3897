/**
 * Statements of a template, run as Jinja2 runs them.
 */
import { fail, iterate, Namespace, truth, typeName, Undefined, unsupported, type Value } from "./value.ts";
import { evaluate, filtered } from "./evaluate.ts";
import { globals } from "./globals.ts";
import { callBlock, macro } from "./macros.ts";
import { str } from "./print.ts";
import { Output, Run, Scope } from "./scope.ts";
import { type Expression, type For, parseTemplate, type SetStatement, type Statement, tooDeep } from "./tree.ts";

/** How a list of statements ended: at its end, or by leaving the loop or one turn of it. */
type Ending = "end" | "break" | "continue";

/**
 * The text a template makes of its variables, as transformers' `apply_chat_template` renders it: Jinja2's
 * ImmutableSandboxedEnvironment with trim_blocks and lstrip_blocks, Hugging Face's `tojson`, `raise_exception` and
 * `strftime_now`.
 *
 * numbers  ints are exact, floats print as Python's repr prints them
 * throws   FormatError E_TPL_SYNTAX (not a template), E_TPL_RENDER (what Python would raise), E_TPL_UNSUPPORTED (what
 *          is not implemented here); LimitError E_TPL_LIMIT (steps, lengths), E_TPL_DEPTH (nesting)
 * source   Jinja2 3.1; transformers utils/chat_template_utils.py: _cached_compile_jinja_template
 */
export function render(template: string, variables: ReadonlyMap<string, Value>): string {
  const program = parseTemplate(template);
  const run = new Run();
  const scope = new Scope(globals());
  for (const [name, value] of variables) scope.set(name, value);
  const output = new Output();
  try {
    execute(program, scope, run, output);
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    throw run.located(error);
  }
  return output.text();
}

/** Runs statements in order, printing to `output`. */
function execute(statements: readonly Statement[], scope: Scope, run: Run, output: Output): Ending {
  for (const statement of statements) {
    const ending = executeOne(statement, scope, run, output);
    if (ending !== "end") return ending;
  }
  return "end";
}

/** What statements print, as a string. */
function captured(statements: readonly Statement[], scope: Scope, run: Run): string {
  const output = new Output();
  execute(statements, scope, run, output);
  return output.text();
}

function executeOne(node: Statement, scope: Scope, run: Run, output: Output): Ending {
  run.step();
  const body = (statements: readonly Statement[]) => (inner: Scope) => captured(statements, inner, run);
  switch (node.type) {
    case "Comment":
      return "end";
    case "Break":
      return "break";
    case "Continue":
      return "continue";
    case "If":
      return execute(truth(evaluate(node.test, scope, run)) ? node.body : node.alternate, scope, run, output);
    case "For":
      loop(node, scope, run, output);
      return "end";
    case "Set":
      assign(node, scope, run);
      return "end";
    case "Macro":
      scope.set(node.name.value, macro(node.name.value, node.args, body(node.body), scope, run));
      return "end";
    case "CallStatement":
      output.print(str(callBlock(node, body(node.body), scope, run)));
      return "end";
    case "FilterStatement":
      output.print(str(filtered(captured(node.body, new Scope(scope), run), node.filter, scope, run)));
      return "end";
    default:
      output.print(str(evaluate(node, scope, run)));
      return "end";
  }
}

function assign(node: SetStatement, scope: Scope, run: Run): void {
  const value = node.value === null ? captured(node.body, new Scope(scope), run) : evaluate(node.value, scope, run);
  const target = node.assignee;
  if (target.type === "MemberExpression" && target.property.type === "Identifier") {
    const object = evaluate(target.object, scope, run);
    if (!(object instanceof Namespace) || !object.writable) throw fail(`an attribute set on ${typeName(object)}`);
    object.attributes.set(target.property.value, value);
  } else {
    bind(target, value, scope);
  }
}

/** Gives a name its value, or each name of a tuple its own. */
function bind(target: Expression, value: Value, scope: Scope): void {
  if (target.type === "Identifier") {
    scope.set(target.value, value);
    return;
  }
  if (target.type !== "TupleLiteral") throw unsupported(`an assignment to ${target.type}`);
  const values = iterate(value);
  const { value: names } = target;
  if (values.length !== names.length) throw fail(`${values.length} values for ${names.length} names`);
  names.forEach((name, i) => bind(name, values[i]!, scope));
}

function loop(node: For, scope: Scope, run: Run, output: Output): void {
  const { iterable } = node;
  const overMessages = iterable.type === "Identifier" && iterable.value === "messages";
  const items = elements(node, scope, run);
  if (items.length === 0) execute(node.defaultBlock, scope, run, output);
  for (let i = 0; i < items.length; i++) {
    if (overMessages) run.message = i;
    const inner = new Scope(scope);
    inner.set("loop", loopVariable(items, i));
    bind(node.loopvar, items[i]!, inner);
    if (execute(node.body, inner, run, output) === "break") break;
  }
  if (overMessages) run.message = undefined;
}

/** What the loop runs over; with `for x in list if test`, those elements that pass. */
function elements({ iterable, loopvar }: For, scope: Scope, run: Run): Value[] {
  if (iterable.type !== "SelectExpression") return iterate(evaluate(iterable, scope, run));
  return iterate(evaluate(iterable.lhs, scope, run)).filter((element) => {
    const inner = new Scope(scope);
    bind(loopvar, element, inner);
    return truth(evaluate(iterable.test, inner, run));
  });
}

function loopVariable(items: Value[], i: number): Namespace {
  const left = items.length - i;
  return new Namespace(
    new Map<string, Value>([
      ["index", BigInt(i + 1)],
      ["index0", BigInt(i)],
      ["revindex", BigInt(left)],
      ["revindex0", BigInt(left - 1)],
      ["first", i === 0],
      ["last", left === 1],
      ["length", BigInt(items.length)],
      ["previtem", i > 0 ? items[i - 1]! : new Undefined("there is no previous item")],
      ["nextitem", left > 1 ? items[i + 1]! : new Undefined("there is no next item")],
    ]),
    false,
  );
}
