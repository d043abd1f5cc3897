import { expect, it } from "vitest";
import { LocalResponder, QwQ, serve, ServerResponder } from "../../src/index.ts";

it("a program serves a model, and asks it as another server: the same reply as from the model itself", async () => {
  const serving = await serve(await QwQ.load(), { name: "mine" });
  const there = await ServerResponder.open({ url: serving.url });
  const here = new LocalResponder(await QwQ.load(), undefined);
  const question = { messages: [{ role: "user", content: "What is 12 + 30?" }], drawing: { temperature: 0 }, seed: 1 };
  const [a, b] = [await there.ask(question), await here.ask(question)];
  expect([there.name, a.thinking, a.answer]).toEqual(["mine", b.thinking, b.answer]);
  await Promise.all([there.close(), here.close()]);
  expect(await serving.close()).toBe(true);
  await expect(fetch(serving.url)).rejects.toThrow();
});
