/** The live page before anyone types: the text of src/model.ts, and what is said of each line. It is made by the build. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import katex from "katex";
import { type Equation, EQUATIONS } from "./equations.ts";
import { linesOf } from "./lines.ts";

const root = join(import.meta.dirname, "../..");

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("{", "&#123;");

/** Spaces that a compiler of templates would make one of. */
const spaced = (text: string): string => text.replace(/ {2,}|^ /g, (run) => "\u00a0".repeat(run.length));

/** Files of the repository that the page points at. */
export function pointedAt(): string[] {
  return [...new Set(Object.values(EQUATIONS).flatMap((equation) => links(equation).map(({ file }) => file)))];
}

function links({ of }: Equation): { readonly text: string; readonly file: string }[] {
  const golden = of === "cache" ? "golden/model/tiny.f32.safetensors" : `golden/ops/${of}.safetensors`;
  return [
    { text: "essay", file: `docs/ops/${of}.md` },
    { text: "source", file: `src/reference/${of}.ts` },
    { text: "test", file: `test/reference/${of}.test.ts` },
    { text: "golden", file: golden },
  ];
}

/** The HTML. `pageOf` gives the address of the page that shows a file; undefined where there is none. */
export function livePage(pageOf: (file: string) => string | undefined): string {
  const lines = linesOf(readFileSync(join(root, "src/model.ts"), "utf8")).map(({ number, code, comment, name }) => {
    const text = `<code><span class="code">${spaced(escaped(code))}</span><span class="comment">${spaced(escaped(comment))}</span></code>`;
    const label = name === undefined ? "" : ` aria-label="Line ${number}: ${escaped(comment.trim().slice(3))}"`;
    const line =
      name === undefined
        ? `<span class="line">${text}</span>`
        : `<button type="button" class="line" data-name="${name}" aria-controls="about"${label}>${text}</button>`;
    return `<li>${line}</li>`;
  });
  const about = Object.entries(EQUATIONS).map(([name, equation]) => section(name, equation, pageOf));
  return `${HEAD}<div class="columns"><ol class="text" aria-label="The text of src/model.ts">${lines.join("")}</ol>
<div id="about" class="about">${about.join("")}${PICTURE}</div></div>`.replace(/\n\s*\n/g, "\n");
}

function section(name: string, equation: Equation, pageOf: (file: string) => string | undefined): string {
  const more = links(equation).flatMap(({ text, file }) => {
    const page = pageOf(file);
    return page === undefined ? [] : [`<li><a href="${page}">${text}<span class="hidden">: ${file}</span></a></li>`];
  });
  const mathematics = katex.renderToString(equation.latex, { displayMode: true, output: "htmlAndMathml" });
  return `<section data-about="${name}" data-heads="${equation.heads ?? ""}" hidden><h2>${name}</h2>
<div class="equation" tabindex="0" role="group" aria-label="Equation">${mathematics}</div>
<p>${equation.says}</p><p class="shapes">${escaped(equation.shapes)}<span class="sizes"></span></p>
<ul class="more">${more.join("")}</ul></section>`;
}

const HEAD = `<h1>The page, alive</h1>
<p class="lead">This is all of src/model.ts. Choose a line: its equation, and what it makes of your prompt in the model of this
repository, 1.2 million parameters that know sums and nothing else. It runs here, on this computer.</p>
<form class="ask"><label for="live-prompt">Prompt</label>
<input id="live-prompt" value="What is 347 + 586?" maxlength="120" autocomplete="off" spellcheck="false">
<span class="pair"><label for="live-layer">Layer</label><select id="live-layer"></select></span></form>
<p id="live-status" class="status" role="status">Loading the model ...</p>
<ol id="live-tokens" class="tokens" aria-label="The prompt's tokens, as the chat template makes them"></ol>
`;

const PICTURE = `<figure class="picture" hidden><div class="drawn"><canvas id="live-heat" tabindex="0" role="img"></canvas></div>
<figcaption><span id="live-what"></span><span class="legend"><i id="live-low"></i><b></b><i id="live-high"></i></span></figcaption>
<p id="live-cell" class="status" role="status">Move over the picture, or with the arrow keys in it, to read a value.</p></figure>
<div id="live-heads" class="heads"></div><div id="live-next" class="next"></div>`;
