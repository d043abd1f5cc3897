/** Texts that end an answer, found while it arrives; what may be the beginning of one is held back. */
export class StopTexts {
  private readonly stops: readonly string[];
  private readonly longest: number;
  private held = "";
  /** Whether one has come; after it nothing does. */
  found = false;

  constructor(stops: readonly string[]) {
    this.stops = stops;
    this.longest = Math.max(0, ...stops.map(({ length }) => length));
  }

  /** Takes the next piece; returns the text that is certainly before any of them. */
  push(text: string): string {
    if (this.found || this.stops.length === 0) return this.found ? "" : text;
    const all = this.held + text;
    const at = this.first(all);
    this.found = at >= 0;
    const end = at >= 0 ? at : all.length - this.beginning(all);
    this.held = this.found ? "" : all.slice(end);
    return all.slice(0, end);
  }

  /** What was held back and is text after all. */
  end(): string {
    const rest = this.held;
    this.held = "";
    return rest;
  }

  private first(text: string): number {
    const places = this.stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    return places.length === 0 ? -1 : Math.min(...places);
  }

  /** How many characters at the end may begin a stop text. */
  private beginning(text: string): number {
    for (let length = Math.min(this.longest - 1, text.length); length > 0; length--) {
      const end = text.slice(text.length - length);
      if (this.stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }
}
