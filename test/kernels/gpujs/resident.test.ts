/** Tensors are on the device as long as a kernel will use them, and no longer: counted by wrapping a device. */
import { afterAll, expect, it } from "vitest";
import { openDevice } from "../../../kernels/gpujs/adapter.ts";
import type { Device, Handle } from "../../../kernels/gpujs/device.ts";
import { add } from "../../../kernels/gpujs/equations.ts";
import { Work } from "../../../kernels/gpujs/resident.ts";
import { host } from "../../../src/tensor.ts";

const device = await openDevice("cpu", 1);
afterAll(() => device.close());

/** The device with its living handles, and how many there were at most. */
class Counted {
  readonly living = new Set<Handle>();
  most = 0;
  readonly work: Work;

  constructor(before: () => void = () => undefined) {
    const keep = (handle: Handle) => {
      this.living.add(handle);
      this.most = Math.max(this.most, this.living.size);
      return handle;
    };
    const counting: Device = Object.create(device, {
      upload: { value: (...given: Parameters<Device["upload"]>) => keep(device.upload(...given)) },
      run: { value: async (...given: Parameters<Device["run"]>) => keep(await device.run(...given)) },
      free: { value: (handle: Handle) => expect(this.living.delete(handle), "freed twice").toBe(true) },
    });
    this.work = new Work(counting, before);
  }

  async idle(): Promise<number> {
    await this.work.later(() => undefined);
    return this.living.size;
  }
}

const x = host<"T C">([1, 3], Float32Array.of(1, 2, 3));

it("of a row of sums in one scope, three tensors are there at a time, and in the end none", async () => {
  const on = new Counted();
  const y = await on.work.scope(() => {
    const first = on.work.own(x, "test");
    let y = first;
    for (let i = 0; i < 20; i++) y = add(on.work, y, first);
    return on.work.download(y);
  });
  expect([...y]).toEqual([21, 42, 63]);
  expect(on.most).toBe(3);
  expect(await on.idle()).toBe(0);
});

it("what a scope returns stays, for the scope around it or for good, until it is freed", async () => {
  const on = new Counted();
  const { outer, inner } = on.work.scope(() => {
    const inner = on.work.scope(() => add(on.work, x, x));
    return { outer: add(on.work, inner, inner), inner };
  });
  expect([...(await on.work.download(outer))]).toEqual([4, 8, 12]);
  expect(await on.idle()).toBe(2);
  expect([...(await on.work.download(inner))]).toEqual([2, 4, 6]);
  const last = on.work.download(inner);
  on.work.free(inner); // it is waited for
  on.work.free(inner);
  on.work.free(outer);
  expect([...(await last)]).toEqual([2, 4, 6]);
  expect(await on.idle()).toBe(0);
});

it("where a kernel fails, what it was given is freed, and whoever downloads hears of it", async () => {
  let kernels = 0;
  const on = new Counted(() => {
    if (++kernels === 3) throw new Error("no more");
  });
  const result = on.work.scope(() => {
    let y = on.work.own(x, "test");
    for (let i = 0; i < 5; i++) y = add(on.work, y, y);
    return on.work.download(y);
  });
  await expect(result).rejects.toThrow("no more");
  expect(await on.idle()).toBe(0);
});
