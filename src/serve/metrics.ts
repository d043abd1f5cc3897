/** What Prometheus reads at /metrics. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ChoiceEnd } from "./choice.ts";
import type { FairQueue } from "./queue.ts";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

export class Metrics {
  private readonly registry = new Registry();
  private readonly requests: Counter<"route" | "status">;
  private readonly seconds: Histogram<"route">;
  private readonly first: Histogram;
  private readonly perToken: Histogram;
  private readonly tokens: Counter<"kind">;
  private readonly ends: Counter<"reason">;
  private readonly flaws: Counter<"kind">;

  constructor(queue: FairQueue) {
    const registers = [this.registry];
    const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
      new Counter({ name: `qwq_${name}`, help, labelNames, registers });
    const histogram = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
      new Histogram({ name: `qwq_${name}`, help, labelNames, registers, buckets: SECONDS });
    collectDefaultMetrics({ register: this.registry });
    this.requests = counter("requests_total", "Requests that were answered", ["route", "status"]);
    this.seconds = histogram("request_seconds", "From a request to the end of its response", ["route"]);
    this.first = histogram("first_token_seconds", "From a sequence's turn to its first token");
    this.perToken = histogram("token_seconds", "Time of a token after the first, mean of a sequence");
    this.tokens = counter("tokens_total", "Tokens read, found read already, and made", ["kind"]);
    this.ends = counter("sequences_total", "Sequences made, by why they ended", ["reason"]);
    this.flaws = counter("flaws_total", "Flaws found in replies", ["kind"]);
    gauge("queue_running", "Sequences that are being made", registers, () => queue.running);
    gauge("queue_waiting", "Sequences that wait for their turn", registers, () => queue.waiting);
  }

  request(route: string, status: number, seconds: number): void {
    this.requests.inc({ route, status });
    this.seconds.observe({ route }, seconds);
  }

  /** A sequence has ended; `first` and `last` are the seconds from its turn to these tokens. */
  sequence(end: ChoiceEnd, promptTokens: number, first: number, last: number): void {
    const { tokens, cachedTokens, reason, flaws } = end;
    this.ends.inc({ reason });
    this.tokens.inc({ kind: "prompt" }, promptTokens - cachedTokens);
    this.tokens.inc({ kind: "cached" }, cachedTokens);
    this.tokens.inc({ kind: "generated" }, tokens);
    for (const { type } of flaws) this.flaws.inc({ kind: type });
    if (tokens > 0) this.first.observe(first);
    if (tokens > 1) this.perToken.observe((last - first) / (tokens - 1));
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }
}

function gauge(name: string, help: string, registers: Registry[], value: () => number): void {
  new Gauge({
    name: `qwq_${name}`,
    help,
    registers,
    collect() {
      this.set(value());
    },
  });
}
