/**
 * The wgsl backend: WebGPU by kernels written by hand. Weights, keys and values stay on the device; of a token, one
 * submission goes there and its logits come back.
 */
import type { Config } from "../../src/config.ts";
import type { Ops } from "../../src/ops.ts";
import { embed } from "../../src/reference/embed.ts";
import { linearSizes } from "../../src/reference/linear.ts";
import { type AnyTensor, type Host, host, isHost, type Tensor } from "../../src/tensor.ts";
import { attention, type Kept } from "./attention.ts";
import { Caches, Rows } from "./cache.ts";
import { Device, type Report } from "./device.ts";
import { ADD, elementwise, SWIGLU } from "./elementwise.ts";
import { type Activations, Linear } from "./linear.ts";
import { rmsNorm } from "./norm.ts";
import { Turns } from "./rope.ts";
import { remote, Remote } from "./tensor.ts";

export type { Activations } from "./linear.ts";
export type { Report } from "./device.ts";

/** How the kernels run. */
export interface WgslOptions {
  /** What was asked for, as the report says it; "wgsl" unless told. */
  readonly requested?: string | undefined;
  /** How activations meet weights of eight bits; "f32", as they are, unless told. */
  readonly activations?: Activations | undefined;
}

/** The device as a backend. It holds the device's memory until it is closed. */
export interface Wgsl extends Ops {
  /** What runs. */
  readonly report: Report;
  /** Bytes on the device: of all, of weights, and of keys and values. */
  readonly bytes: { readonly device: number; readonly weights: number; readonly cache: number };
  workspace(config: Config): number;
  keep(bytes: number): void;
  close(): void;
}

/** Tokens at once: as many as two tiles of linear have. */
const CHUNK = 16;

/**
 * Opens the device.
 *
 * throws   UsageError E_ARG_BACKEND where there is no WebGPU
 */
export async function wgslBackend({ requested = "wgsl", activations = "f32" }: WgslOptions = {}): Promise<Wgsl> {
  return new Backend(await Device.open(requested), activations).ops();
}

class Backend {
  private readonly device: Device;
  private readonly products: Linear;
  private readonly turns: Turns;
  private readonly caches: Caches;
  /** Gains and biases of this computer's memory, on the device. */
  private readonly vectors = new WeakMap<AnyTensor, Remote>();

  constructor(device: Device, activations: Activations) {
    this.device = device;
    this.products = new Linear(device, activations);
    this.turns = new Turns(device);
    this.caches = new Caches(device, (x) => this.open(x, "cache"));
  }

  ops(): Wgsl {
    const { device, products, caches } = this;
    return {
      name: "wgsl",
      chunk: CHUNK,
      report: device.report,
      get bytes() {
        return { device: device.pool.bytes, weights: products.bytes, cache: caches.bytes };
      },
      embed: (E, ids) => cast(this.open(embed(E, ids), "embed")),
      rmsNorm: (x, g, eps) => cast(rmsNorm(device, this.open(x, "rmsNorm"), this.vector(g), eps)),
      linear: (x, W, b) => cast(this.linear(x, W, b)),
      rope: (x, pos, R) => cast(this.turns.rope(this.open(x, "rope"), pos, R)),
      attention: (q, k, v, D) => cast(attention(device, this.open(q, "attention"), this.rows(k), this.rows(v), D)),
      swiglu: (gate, up) => cast(elementwise(device, SWIGLU, this.open(gate, "swiglu"), this.open(up, "swiglu"))),
      add: (x, y) => cast(elementwise(device, ADD, this.open(x, "add"), this.open(y, "add"))),
      rows: (x, first, rows) => cast(this.part(this.open(x, "rows"), first, rows)),
      cache: (config, capacity, format) => caches.cache(config, capacity, format),
      upload: (x) => (isHost(x) ? cast(this.open(x, "upload")) : x),
      download: (x) => this.download(x),
      scope: (f) => device.scope(f),
      free: (x) => (x instanceof Remote ? device.free(x) : undefined),
      later: true,
      workspace: () => 0,
      keep: () => undefined,
      close: () => device.close(),
    };
  }

  private linear(x: AnyTensor, W: AnyTensor, b: AnyTensor | undefined): Remote {
    if (b !== undefined) linearSizes(x, W, { length: b.shape[0]! });
    const weights = isHost(W) ? this.vector(W) : W;
    return this.products.linear(this.open(x, "linear"), weights, b === undefined ? undefined : this.vector(b));
  }

  private part(x: Remote, first: number, rows: number): Remote {
    const [, width = 0] = x.shape;
    const y = this.device.make([rows, width]);
    this.device.copy(x, 4 * first * width, y, 4 * rows * width);
    return y;
  }

  private async download<A extends string>(x: Tensor<A>): Promise<Host<A>> {
    if (isHost(x)) return x as unknown as Host<A>;
    const place = x instanceof Rows ? x.place : remote(x, this.device, "download");
    const length = x.shape.reduce((product, n) => product * n, 1);
    return host<A>(x.shape, await this.device.read(place, length));
  }

  /** A tensor of this device, or one of this computer, brought there. */
  private open(x: AnyTensor, where: string): Remote {
    return isHost(x) ? this.device.upload(x.shape, x.data) : remote(x, this.device, where);
  }

  /** Gains and biases: brought once. */
  private vector(x: AnyTensor): Remote {
    if (!isHost(x)) return remote(x, this.device, "vector");
    const known = this.vectors.get(x);
    if (known !== undefined) return known;
    const made = this.device.constantTensor(x.shape, x.data);
    this.vectors.set(x, made);
    return made;
  }

  /** Keys or values: of a cache, or a tensor. */
  private rows(x: AnyTensor): Kept {
    return x instanceof Rows ? x : { shape: x.shape, place: this.open(x, "attention") };
  }
}

/** The one cast from a tensor of the device to the page's. */
function cast<A extends string>(x: AnyTensor): Tensor<A> {
  return x as unknown as Tensor<A>;
}
