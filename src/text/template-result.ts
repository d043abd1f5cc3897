/** How a template's rendering ended, in a form that goes from one process or thread to another. */
import { LimitError, QwqError } from "../errors.ts";
import { render } from "./jinja/render.ts";
import type { Dict } from "./jinja/value.ts";

/** The prompt, or an error's parts. */
export type RenderResult =
  | { readonly text: string }
  | {
      readonly limit: boolean;
      readonly error: {
        readonly code: string;
        readonly where: string;
        readonly expected: string | undefined;
        readonly actual: string | undefined;
        readonly hint: string | undefined;
      };
    };

/** What was thrown, in a form that can be sent. An error that is not of the family is thrown on. */
export function result(template: string, variables: Dict): RenderResult {
  try {
    return { text: render(template, variables) };
  } catch (error) {
    if (!(error instanceof QwqError)) throw error;
    const { code, where, expected, actual, hint } = error;
    return { limit: error instanceof LimitError, error: { code, where, expected, actual, hint } };
  }
}
