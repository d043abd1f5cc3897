/** The live page at work: a model in a worker, the prompt as it is typed, the line that was chosen. */
import { QwQ } from "../../src/browser/index.ts";
import { EMBEDDED } from "../run/embedded.ts";
import { sentence } from "../run/sentences.ts";
import { type Activation, Shown } from "./shown.ts";
import { attentionWeights } from "./weights.ts";

/** What was typed stands this long before it is computed: a fast writer's keys do not queue. */
const PAUSE_MS = 120;
const run = new URL("../run/", import.meta.url);

class Page {
  private readonly shown: Shown;
  private readonly place: HTMLElement;
  private model: QwQ | undefined;
  private closed = false;
  private headSize = 0;
  private name = "a";
  private words: string[] = [];
  private vocabulary = new Map<number, string>();
  private taps = new Map<string, Activation>();
  /** Counts prompts, so that one that was overtaken shows nothing. */
  private turn = 0;

  constructor(place: HTMLElement) {
    this.place = place;
    this.shown = new Shown((id) => this.at(id));
    const asked = new URLSearchParams(location.search).get("line");
    if (asked !== null && this.line(asked) !== null) this.name = asked;
    this.listen();
    this.choose(this.name);
    void this.load();
  }

  private at<E extends HTMLElement>(id: string): E {
    return this.place.querySelector<E>(`#${id}`)!;
  }

  private line(name: string): HTMLElement | null {
    return this.place.querySelector(`.line[data-name="${CSS.escape(name)}"]`);
  }

  private say(text: string, error?: unknown): void {
    const status = this.at("live-status");
    status.textContent = error === undefined ? text : sentence(error);
    status.classList.toggle("bad", error !== undefined);
  }

  private async load(): Promise<void> {
    try {
      const got = EMBEDDED.map(async (name) => {
        const response = await fetch(new URL(`model/${name}`, run));
        return [name, await response.blob()] as const;
      });
      const files = Object.fromEntries(await Promise.all(got));
      const config = JSON.parse(await files["config.json"]!.text()) as { head_dim: number };
      this.headSize = config.head_dim;
      const worker = new URL("model.js", run);
      this.model = await QwQ.load(files, { backend: "wasm", threads: 1, worker });
      if (this.closed) return this.model.close();
      const { layers } = this.model.about;
      const select = this.at<HTMLSelectElement>("live-layer");
      select.replaceChildren(...Array.from({ length: layers }, (_, l) => new Option(String(l), String(l))));
      await this.compute();
    } catch (error) {
      this.say("", error);
    }
  }

  private listen(): void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.place.querySelector("form")!.addEventListener("submit", (event) => event.preventDefault());
    this.at("live-prompt").addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.compute(), PAUSE_MS);
    });
    this.at("live-layer").addEventListener("change", () => void this.compute());
    const lines = [...this.place.querySelectorAll<HTMLButtonElement>("button.line")];
    for (const [i, line] of lines.entries()) {
      line.addEventListener("click", ({ detail }) => {
        this.choose(line.dataset["name"]!);
        // In one column it stands below the text, out of sight. Keys, which have no detail, go on to the next line.
        if (detail > 0 && matchMedia("(max-width: 60rem)").matches) this.at("about").scrollIntoView();
      });
      line.addEventListener("keydown", (event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const next = lines[i + step];
        next?.focus();
        next?.click();
      });
    }
  }

  /** Shows what belongs to a line. */
  private choose(name: string): void {
    this.name = name;
    for (const line of this.place.querySelectorAll<HTMLElement>("button.line")) {
      line.ariaPressed = String(line.dataset["name"] === name);
    }
    for (const section of this.place.querySelectorAll<HTMLElement>("[data-about]")) {
      section.hidden = section.dataset["about"] !== name;
    }
    this.draw();
  }

  /** Reads the prompt, runs the model, shows what the chosen line made. */
  private async compute(): Promise<void> {
    const { model } = this;
    if (model === undefined) return;
    const mine = ++this.turn;
    try {
      const began = performance.now();
      const ids = await model.promptIds(this.at<HTMLInputElement>("live-prompt").value);
      const layer = Number(this.at<HTMLSelectElement>("live-layer").value);
      const { looks } = await model.look(ids, layer);
      if (mine !== this.turn) return;
      this.taps = new Map(looks.map((each) => [each.tap, each]));
      this.words = await Promise.all([...ids].map((id) => this.word(id)));
      this.draw();
      const ends = await model.ends(ids);
      const V = ends.at(-1)!.shape[1]!;
      await Promise.all(Array.from({ length: V }, (_, id) => this.word(id)));
      if (mine !== this.turn) return;
      for (const each of ends) this.taps.set(each.tap, each);
      this.tokens(ids);
      this.draw();
      this.say(`${ids.length} tokens, ${Math.round(performance.now() - began)} ms.`);
    } catch (error) {
      if (mine === this.turn) this.say("", error);
    }
  }

  private async word(id: number): Promise<string> {
    const known = this.vocabulary.get(id);
    if (known !== undefined) return known;
    const text = await this.model!.decode([id]);
    this.vocabulary.set(id, text);
    return text;
  }

  private tokens(ids: ArrayLike<number>): void {
    const items = this.words.map((word, t) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("span"), { textContent: word.replaceAll("\n", "⏎") || " " }));
      item.title = `token ${t}: id ${ids[t]!}`;
      return item;
    });
    this.at("live-tokens").replaceChildren(...items);
  }

  private draw(): void {
    const { name } = this;
    const tap = this.taps.get(name === "keys" ? "kr" : name);
    const section = this.place.querySelector<HTMLElement>(`[data-about="${name}"]`)!;
    const [qr, kr] = [this.taps.get("qr"), this.taps.get("kr")];
    const weights =
      name === "a" && qr !== undefined && kr !== undefined
        ? attentionWeights(qr.data, kr.data, qr.shape[0]!, this.headSize)
        : [];
    this.shown.heads(weights, this.words);
    this.shown.next(name === "logits" ? tap : undefined, (id) => this.vocabulary.get(id) ?? "");
    if (tap === undefined) return;
    const whole = ["embed", "norm", "logits"].includes(name);
    const layer = whole ? "" : `, layer ${this.at<HTMLSelectElement>("live-layer").value}`;
    this.shown.activation({ ...tap, tap: name }, this.words, layer);
    section.querySelector(".sizes")!.textContent = ` = [${tap.shape.join(" ")}] here`;
    this.place.dataset["shown"] = `${name} ${this.words.length}`;
  }

  /** After the site's own switch of colours. */
  recolour(): void {
    this.shown.again();
  }

  close(): void {
    this.closed = true;
    this.model?.close();
  }
}

/** Brings the page to life; what comes back ends it. */
export function mount(place: HTMLElement): () => void {
  const page = new Page(place);
  const watch = new MutationObserver(() => page.recolour());
  watch.observe(document.documentElement, { attributeFilter: ["class"] });
  return () => {
    watch.disconnect();
    page.close();
  };
}
