/** The notebooks in real Jupyter: nbclient, nbconvert, and JupyterLab in Chromium. Screenshots go to .cache/jupyter-shots. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromIpynb } from "../../src/notebook/ipynb.ts";
import { MAIN } from "../support/cli.ts";

const root = join(import.meta.dirname, "../..");
const bin = join(root, ".cache/jupyter/bin");
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const shots = join(root, ".cache/jupyter-shots");
const NOTEBOOK = "03-rms-norm.ipynb";
const PORT = 18_899;

let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "jupyter-"));
  mkdirSync(shots, { recursive: true });
  execFileSync(process.execPath, [MAIN, "notebook", "install", "--prefix", folder]);
  env = { ...process.env, JUPYTER_PATH: join(folder, "share/jupyter"), JUPYTER_CONFIG_DIR: join(folder, "config") };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const python = (...args: string[]) => execFileSync(join(bin, "python"), args, { cwd: root, env, encoding: "utf8" });
const outputsOf = (path: string) =>
  fromIpynb(readFileSync(path, "utf8"), path).map(({ outputs }) =>
    outputs.map(({ output_type, data, text }) => [output_type, data, text]),
  );

/** nbformat writes texts as lists of lines, or whole: the same text either way. */
const joined = (value: unknown): unknown =>
  Array.isArray(value) && value.every((one) => typeof one === "string")
    ? value.join("")
    : Array.isArray(value)
      ? value.map(joined)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, joined(one)]))
        : value;

describe.skipIf(!existsSync(join(bin, "jupyter-lab")) || !existsSync(CHROMIUM))("in Jupyter", () => {
  it.each(["01-tokens.ipynb", NOTEBOOK])("nbclient gives the outputs that are committed: %s", (name) => {
    const out = join(folder, name);
    python("test/jupyter/execute.py", join("notebooks", name), out);
    expect(joined(outputsOf(out))).toEqual(joined(outputsOf(join(root, "notebooks", name))));
  });

  it("nbconvert's HTML shows every picture of every notebook", async () => {
    const names = readdirSync(join(root, "notebooks")).filter((name) => name.endsWith(".ipynb"));
    const paths = names.map((name) => join("notebooks", name));
    python("-m", "nbconvert", "--to", "html", "--log-level", "ERROR", "--output-dir", folder, ...paths);
    const browser = await launch();
    const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    for (const name of names) {
      await page.goto(`file://${join(folder, name.replace(/ipynb$/, "html"))}`, { waitUntil: "domcontentloaded" });
      const pictures = readFileSync(join(root, "notebooks", name), "utf8").match(/src=\\"data:image/g)!.length;
      expect(await shown(page), name).toBe(pictures);
    }
    await page.screenshot({ path: join(shots, "nbconvert.png") });
    await browser.close();
  });

  describe("JupyterLab", () => {
    let server: ChildProcess;
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      const options = [
        "--no-browser",
        "--allow-root",
        `--port=${PORT}`,
        "--ServerApp.token=",
        "--ServerApp.root_dir=.",
      ];
      server = spawn(join(bin, "jupyter-lab"), options, { cwd: root, env, stdio: "ignore" });
      browser = await launch();
      page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
      const there = () => fetch(`http://127.0.0.1:${PORT}/api`).then(({ ok }) => ok, () => false); // prettier-ignore
      while (!(await there())) await new Promise((resolve) => setTimeout(resolve, 500));
      await page.goto(`http://127.0.0.1:${PORT}/lab/tree/notebooks/${NOTEBOOK}`);
      await page.waitForSelector(".jp-Notebook .jp-Cell", { timeout: 100_000 });
    });
    afterAll(async () => {
      await browser.close();
      server.kill("SIGINT");
      setTimeout(() => server.kill("SIGKILL"), 3000).unref();
    });

    it("shows the pictures of a notebook that nobody has trusted", async () => {
      await expect.poll(() => shown(page), { timeout: 60_000 }).toBeGreaterThan(0);
      await page.screenshot({ path: join(shots, "lab-opened.png") });
    });

    it("runs it by our kernel, without an error", async () => {
      // JupyterLab loses what is asked of a kernel that is restarted while it is still connecting to it.
      await page.waitForSelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', { timeout: 60_000 });
      await page.locator(".lm-MenuBar-itemLabel", { hasText: /^Run$/ }).click();
      await page.locator(".lm-Menu-itemLabel", { hasText: /^Restart Kernel and Run All Cells/ }).click();
      await page.locator(".jp-Dialog-button", { hasText: "Restart" }).click();
      // The committed notebook has no counts; a cell that has run has one.
      const prompts = () => page.locator(".jp-CodeCell .jp-InputPrompt").allTextContents();
      const ran = async () => (await prompts()).every((text) => /\[\d+\]/.test(text));
      await expect.poll(ran, { timeout: 100_000 }).toBe(true);
      expect(await page.locator(".jp-RenderedText[data-mime-type*=stderr], .jp-mod-error").count()).toBe(0);
      await page.screenshot({ path: join(shots, "lab-run.png") });
    });

    it("completes a name of the library", async () => {
      const cell = page.locator(".jp-CodeCell .cm-content").first();
      await cell.click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("\nreference.rms");
      await page.keyboard.press("Tab");
      await page.waitForTimeout(4000);
      await page.screenshot({ path: join(shots, "lab-completion.png") });
      // Where there is one name alone, JupyterLab writes it at once; the cell does not hold it otherwise.
      const offered = await page.locator(".jp-Completer-item").filter({ hasText: "rmsNorm" }).count();
      expect(offered > 0 || (await cell.innerText()).includes("reference.rmsNorm")).toBe(true);
    });
  });
});

const launch = () => chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });

/** How many pictures there are that the browser could read. */
const shown = (page: Page): Promise<number> =>
  page
    .locator("img[src^='data:image/svg']")
    .evaluateAll((all) => all.filter((one) => (one as unknown as { naturalWidth: number }).naturalWidth > 0).length);
