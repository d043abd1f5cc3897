import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { QwqError } from "../../src/errors.ts";
import { templateVariables } from "../../src/text/messages.ts";
import { type Limits, renderApart, Renderer } from "../../src/text/template-process.ts";

const variables = templateVariables({
  messages: [{ role: "user", content: "é😀", n: 2n ** 70n, one: 1.5 }],
  tools: [new Map([["a", 1]])],
});

/** The error a template ends in. */
async function failure(template: string, limits: Limits = {}): Promise<QwqError> {
  const error: unknown = await renderApart(template, variables, limits).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof QwqError) return error;
  throw new Error("no error, or not one of the family");
}

describe("a template in a process of its own", () => {
  test("prints what it prints here: text, big integers, floats, dicts", async () => {
    const template = "{{ messages[0].content }} {{ messages[0].n }} {{ messages[0].one }} {{ tools | tojson }}";
    expect(await renderApart(template, variables, {})).toBe('é😀 1180591620717411303424 1.5 [{"a": 1}]');
  });

  test("ends in the error it ends in here, with its code and sentence", async () => {
    const error = await failure("{% for message in messages %}{{ raise_exception('no') }}{% endfor %}");
    expect(error.code).toBe("E_TPL_RENDER");
    expect(error.message).toBe(
      "chat template, at messages[0]: expected the conversation to be one the template accepts, got raise_exception(no). Give the messages the shape that this model's template reads.",
    );
  });

  test.each([
    [
      "a loop without end",
      "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
      "E_TPL_LIMIT",
    ],
    ["20,000 nested ifs", "{% if true %}".repeat(20_000) + "{% endif %}".repeat(20_000), "E_TPL_DEPTH"],
    ["a way out", "{{ ''.constructor.constructor('return process')() }}", "E_TPL_RENDER"],
  ])("ends %s in an error of the family", { timeout: 20_000 }, async (_, template, code) => {
    expect((await failure(template)).code).toBe(code);
  });

  test("ends when its time is over", { timeout: 20_000 }, async () => {
    const slow = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    const error = await failure(slow, { milliseconds: 20 });
    expect(error.message).toContain("expected at most 20 ms to render, got more");
  });

  test("leaves no clock behind that keeps a program alive", { timeout: 30_000 }, () => {
    const module = JSON.stringify(new URL("../../src/text/template-process.ts", import.meta.url));
    const program = `
      import { renderApart } from ${module};
      console.log(await renderApart("{{ 1 + 1 }}", new Map(), { milliseconds: 60_000 }));`;
    const args = ["--import", "tsx", "--input-type=module", "-e", program];
    expect(execFileSync(process.execPath, args, { encoding: "utf8", timeout: 20_000 })).toBe("2\n"); // not after 60 seconds
  });

  test("goes on in another process after one that was ended", { timeout: 20_000 }, async () => {
    const renderer = new Renderer({ milliseconds: 500 });
    const endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    expect(await renderer.render("{{ messages[0].content }}", variables)).toBe("é😀");
    expect(await renderer.render("{{ 1 + 1 }}", variables)).toBe("2");
    await expect(renderer.render(endless, variables)).rejects.toMatchObject({ code: "E_TPL_LIMIT" });
    expect(await renderer.render("{{ 2 + 2 }}", variables)).toBe("4");
    renderer.close();
  });

  test("ends when its memory is full, and takes nothing with it", { timeout: 20_000 }, async () => {
    const lists =
      "{% set n = namespace(a=[]) %}{% for i in range(99999) %}{% set n.a = [n.a, range(99999), 'x'] %}{% endfor %}";
    const error = await failure(lists, { mebibytes: 32, milliseconds: 20_000 });
    expect(error.code).toBe("E_TPL_LIMIT");
    expect(error.message).toContain("32 MiB");
  });
});
