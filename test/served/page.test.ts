/** The page at /, in a browser; PICTURE names a file for what it looks like. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { serving } from "../support/serving.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

describe.skipIf(!existsSync(CHROMIUM))("the page", async () => {
  const served = await serving([], { QWQ_API_KEY: "secret" });
  const browser = existsSync(CHROMIUM)
    ? await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] })
    : undefined;
  afterAll(async () => {
    await browser?.close();
    await served.end();
  });

  it("asks for the key, shows thoughts and answer, and goes on with the conversation", async () => {
    const page = await browser!.newPage({ viewport: { width: 900, height: 760 } });
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("401")) wrong.push(message.text());
    });
    await page.goto(served.url);
    await expect.poll(() => page.textContent("#model")).toBe("needs an API key");
    await page.fill("#key", "secret");
    await page.dispatchEvent("#key", "change");
    await expect.poll(() => page.textContent("#model")).toBe("qwq-embedded");
    await page.fill("#temperature", "0");
    await page.click("#more summary");
    for (const [i, question] of ["What is 347 + 586?", "347 + 586 等于多少？"].entries()) {
      await page.fill("#say", question);
      await page.press("#say", "Enter");
      await expect.poll(() => page.locator(".assistant").count()).toBe(i + 1);
      await expect.poll(() => page.locator(".assistant .note").count(), { timeout: 20_000 }).toBe(i + 1);
    }
    expect(await page.locator(".assistant > div").first().textContent()).toBe("The answer is 933.");
    expect(await page.locator("details.thoughts").first().textContent()).toContain("So 933.");
    await page.locator("details.thoughts summary").first().click();
    if (process.env["PICTURE"] !== undefined) await page.screenshot({ path: process.env["PICTURE"] });
    expect(wrong).toEqual([]);
    await page.click("#new");
    expect(await page.locator("article").count()).toBe(0);
  });

  it("stops an answer, and may be shown in no other page", async () => {
    const page = await browser!.newPage();
    await page.addInitScript({ content: 'sessionStorage.setItem("key", "secret");' });
    const response = await page.goto(served.url);
    expect(response!.headers()["content-security-policy"]).toContain("frame-ancestors 'none'");
    await expect.poll(() => page.textContent("#model")).toBe("qwq-embedded");
    await page.fill("#say", "What is 1 + 1?");
    await page.press("#say", "Enter");
    await page.click("#stop", { force: true, timeout: 2000 }).catch(() => undefined);
    await expect.poll(() => page.isDisabled("#stop")).toBe(true);
    await expect.poll(() => page.isDisabled("#send")).toBe(false);
  });
});
