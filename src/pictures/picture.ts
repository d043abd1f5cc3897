/**
 * A picture: SVG, what it shows in words, and the numbers that it shows.
 *
 * As the value of a notebook's cell it appears as an `<img>` that holds the SVG. Notebooks nobody has trusted yet, nbconvert
 * and forges show that form; they drop SVG that stands by itself.
 */

/** How Jupyter kernels for JavaScript ask a value for its forms. */
const DISPLAY = Symbol.for("Jupyter.display");

export class Picture {
  /** One element a line, two decimals a number, so that a change of little is a change of few lines. */
  readonly svg: string;
  /** What is to be seen, for those who do not see it. */
  readonly alt: string;
  /** The numbers behind it, by what they are. */
  readonly values: Readonly<Record<string, readonly number[]>>;
  private readonly width: number;

  constructor(svg: string, alt: string, values: Readonly<Record<string, readonly number[]>>) {
    this.svg = tidy(svg);
    this.alt = alt;
    this.values = values;
    this.width = Math.round(Number(/<svg[^>]* width="([\d.]+)"/.exec(svg)?.[1] ?? 0));
  }

  [DISPLAY](): Record<string, string> {
    return { "text/html": this.html(), "text/plain": this.alt };
  }

  /** The `<img>`; its address goes over several lines, whose ends a browser leaves out. */
  html(): string {
    const source = this.svg
      .replaceAll("'", "&#39;")
      .replace(/[%#<>"&]/g, (sign) => (sign === '"' ? "'" : encodeURIComponent(sign)));
    const alt = this.alt.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    return `<img width="${this.width}" alt="${alt}" src="data:image/svg+xml;charset=utf-8,${source}">`;
  }
}

/** Rounds what lies inside tags; labels, such as "0.001", stay as they are. */
function tidy(svg: string): string {
  const rounded = (tag: string) =>
    tag.replace(/-?\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100));
  return svg
    .replace(/<[^>]*>/g, rounded)
    .replaceAll(/>\s*</g, ">\n<")
    .trim();
}
