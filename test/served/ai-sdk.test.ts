/** The Vercel AI SDK against `qwq serve`. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, Output, streamText, tool } from "ai";
import { afterAll, describe, expect, it } from "vitest";
import { serving } from "../support/serving.ts";

const served = await serving(["--context", "2048"]);
afterAll(() => served.end());
const provider = createOpenAICompatible({
  name: "qwq",
  baseURL: `${served.url}/v1`,
  includeUsage: true,
  supportsStructuredOutputs: true,
});
const model = provider("qwq-embedded");
const prompt = "What is 347 + 586?";

describe("the AI SDK", () => {
  it("has the answer, the thoughts and the tokens", async () => {
    const { text, reasoningText, finishReason, usage } = await generateText({ model, prompt, temperature: 0 });
    expect([text, finishReason]).toEqual(["The answer is 933.", "stop"]);
    expect(reasoningText).toContain("So 933.");
    expect(usage.reasoningTokens).toBeGreaterThan(20);
  });

  it("streams both", async () => {
    const { fullStream } = streamText({ model, prompt, temperature: 0 });
    const texts = { text: "", reasoning: "" };
    for await (const part of fullStream) {
      if (part.type === "text-delta") texts.text += part.text;
      if (part.type === "reasoning-delta") texts.reasoning += part.text;
    }
    expect(texts.text).toBe("The answer is 933.");
    expect(texts.reasoning).toContain("So 933.");
  });

  it("has an object of a schema", async () => {
    const schema = jsonSchema<{ sum: number }>({
      type: "object",
      properties: { sum: { type: "integer", minimum: 0, maximum: 2000 } },
      required: ["sum"],
      additionalProperties: false,
    });
    const { output } = await generateText({ model, prompt, temperature: 0, output: Output.object({ schema }) });
    expect(Number.isInteger(output.sum)).toBe(true);
  });

  it("calls a tool, and sends back what it said", async () => {
    const called: unknown[] = [];
    const add = tool({
      description: "Adds.",
      inputSchema: jsonSchema<{ a: number }>({
        type: "object",
        properties: { a: { type: "integer", minimum: 0, maximum: 999 } },
        required: ["a"],
      }),
      execute: async (input) => {
        called.push(input);
        return 933;
      },
    });
    const { toolCalls } = await generateText({
      model,
      prompt,
      temperature: 0,
      tools: { add },
      toolChoice: "required",
      maxOutputTokens: 300,
      providerOptions: { qwq: { thinking_budget: 8, parallel_tool_calls: false } }, // the model was not trained on so long a prompt, and thinks on
    });
    expect(toolCalls.map((call) => [call.toolName, call.invalid ? call.error : undefined])).toEqual([
      ["add", undefined],
    ]);
    expect(called).toEqual(toolCalls.map(({ input }) => input));
  });
});
