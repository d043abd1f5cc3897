/** Threads: what goes wrong in one is an error of the call, and none outlives its model. */
import { readdirSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { wasmBackend } from "../../../kernels/wasm/index.ts";
import { Linear } from "../../../kernels/wasm/linear.ts";
import { Heap } from "../../../kernels/wasm/module.ts";
import { type Team, team } from "../../../kernels/wasm/team.ts";
import { reference } from "../../../src/reference/index.ts";
import { host, type Stored, stored } from "../../../src/tensor.ts";
import { drawn } from "../../support/small.ts";

const PAGE = 65536;
const teams: Team[] = [];

/** A team that ends with its test. */
async function started(threads: number, patience?: number): Promise<{ heap: Heap; team: Team }> {
  const heap = new Heap(threads > 1);
  const workers = await team(heap, threads, false, patience);
  teams.push(workers);
  return { heap, team: workers };
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
  for (const workers of teams.splice(0)) workers.close();
});

/** Activations of so many blocks at x to integers, as the kernel `quantise` is called. */
const quantise = (workers: Team, x: number, blocks: number) =>
  workers.run("quantise", x, 2 * PAGE, 3 * PAGE, 1, 32 * blocks, 4 * PAGE, 5 * PAGE);

describe("a trap", () => {
  it.each([1, 2, 3])("in every share of %d threads is an error that names the kernel", async (threads) => {
    const { team: workers } = await started(threads);
    expect(() => quantise(workers, 2 ** 32 - 16, 8)).toThrow(/one that failed in quantise\. Load the model again/);
  });

  it("in another thread's share is an error of the call, and of every one after it", async () => {
    const { heap, team: workers } = await started(2);
    const end = heap.memory.buffer.byteLength;
    expect(() => quantise(workers, end - 8 * 128, 8)).not.toThrow();
    expect(() => quantise(workers, end - 8 * 128, 16)).toThrow("one that failed in quantise");
    expect(() => quantise(workers, end - 8 * 128, 8)).toThrow("one that failed in quantise");
  });
});

/** What a team has inside: the caller's kernels, whose share a test may do in its own way, and where threads are seen. */
interface Inside {
  readonly workers: Worker[];
  readonly instances: Record<string, (...args: number[]) => unknown>[];
  folders: (string | undefined)[];
}

const inside = (workers: Team) => workers as unknown as Inside;

/** The caller does nothing in its share but `act`, while the other thread is at work for about a second. */
function longShare(workers: Team, act: () => void): void {
  const { instances } = inside(workers);
  instances[0] = { ...instances[0]!, linear_floats: act };
  const [I, O, T] = [1024, 4096, 4096];
  workers.run("linear_floats", 2 * PAGE, 0, 2 * PAGE, 0, 3 * PAGE, T, I, O, 0, 4 * PAGE, 0, 0, 0);
}

const LINUX = process.platform === "linux";

describe("a thread that is killed", () => {
  const pause = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  const large = async (patience?: number) => {
    const made = await started(2, patience);
    made.heap.place(64 << 20);
    return made;
  };

  it.runIf(LINUX)("in the middle of its share is an error at once, though no event is heard", async () => {
    const { team: workers } = await large();
    let killed = 0;
    const kill = () => {
      pause(30);
      killed = performance.now();
      void inside(workers).workers[0]!.terminate();
    };
    expect(() => longShare(workers, kill)).toThrow("one that ended");
    expect(performance.now() - killed).toBeLessThan(500);
  });

  it.runIf(LINUX)("is not one that works for longer than any patience", async () => {
    const { team: workers } = await large(1);
    const began = performance.now();
    longShare(workers, () => undefined);
    expect(performance.now() - began).toBeGreaterThan(100);
  });

  it("where the system does not tell is an error once patience ends", async () => {
    const { heap, team: workers } = await started(2, 100);
    inside(workers).folders = [undefined];
    void inside(workers).workers[0]!.terminate();
    pause(200); // it is dead, and its end is not heard before the event loop turns
    expect(() => quantise(workers, heap.memory.buffer.byteLength - 1024, 8)).toThrow("one that does not answer");
  });

  it("between two calls is an error of the next", async () => {
    const { heap, team: workers } = await started(2);
    await inside(workers).workers[0]!.terminate();
    await new Promise(setImmediate);
    expect(() => quantise(workers, heap.memory.buffer.byteLength - 1024, 8)).toThrow("one that ended");
  });
});

describe("the end", () => {
  const tasks = () => readdirSync("/proc/self/task").length;

  it.runIf(process.platform === "linux")("closing ends the threads; twice is once", async () => {
    const before = tasks();
    const { team: workers } = await started(5);
    expect(tasks()).toBeGreaterThanOrEqual(before + 4);
    workers.close();
    workers.close();
    await vi.waitFor(() => expect(tasks()).toBeLessThanOrEqual(before + 1)); // Node may have started one for itself
  });

  it.each([1, 2])("what is closed says so (%d threads)", async (threads) => {
    const ops = await wasmBackend({ threads });
    ops.close();
    const x = host<"T C">([1, 32], new Float32Array(32));
    const W = host<"O C">([4, 32], new Float32Array(128));
    expect(() => ops.linear(x, W)).toThrow("one that was ended with its model");
  });
});

describe("what is asked for", () => {
  it.each([0, -1, 1.5, 65, 1000, NaN])("%d threads are refused", async (threads) => {
    await expect(wasmBackend({ threads })).rejects.toThrow(/threads: expected a whole number from 1 to 64, got/);
  });
});

describe("an engine without", () => {
  it("SIMD is refused by name", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    await expect(wasmBackend({ threads: 1 })).rejects.toThrow("wasm: expected WebAssembly with 128-bit SIMD, got");
  });

  it("relaxed SIMD that is asked for multiplies with the other", async () => {
    const validate = WebAssembly.validate.bind(WebAssembly);
    vi.spyOn(WebAssembly, "validate").mockReturnValueOnce(false).mockImplementation(validate);
    const ops = await wasmBackend({ threads: 1, relaxed: true });
    expect(ops.relaxed).toBe(false);
    ops.close();
  });

  it("shared memory works on one thread", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    vi.resetModules();
    const alone = await import("../../../kernels/wasm/index.ts");
    const ops = await alone.wasmBackend({ threads: 4 });
    expect(ops.threads).toBe(1);
    const [x, W] = [host<"T C">([1, 32], drawn(32, 1)), host<"O C">([4, 32], drawn(128, 2))];
    const { data: y } = await ops.download(ops.linear(x, W));
    const { data: exact } = await reference.download(reference.linear(x, W));
    y.forEach((value, o) => expect(value).toBeCloseTo(exact[o]!, 5));
    ops.close();
  });
});

describe("memory", () => {
  /** A matrix of float32 as a file has it. */
  function matrix(O: number, I: number): Stored<"O C"> {
    const values = drawn(O * I, 9);
    const bytes = new Uint8Array(values.buffer);
    return stored<"O C">({
      shape: [O, I],
      format: "F32",
      name: "W",
      widen: (first, rows, into) => into.set(values.subarray(first * I, (first + rows) * I)),
      window: (first, rows, use) => use(bytes.subarray(4 * first * I, 4 * (first + rows) * I)),
    });
  }

  it("that the system refuses is done without: weights pass through in parts, to the same bits", async () => {
    const [O, I] = [3001, 512];
    const x = host<"T C">([2, I], drawn(2 * I, 4));
    const W = matrix(O, I);
    const products = async (refused: boolean) => {
      const { heap, team: workers } = await started(2);
      const linear = new Linear(heap, workers, "f32");
      linear.linear(x, matrix(4, I)); // the areas that every product needs are there
      linear.linear(x, W);
      if (!refused) return linear.linear(x, W).data;
      const fresh = matrix(O, I);
      const grow = vi.spyOn(heap.memory, "grow").mockImplementation(() => {
        throw new RangeError("no more");
      });
      const y = linear.linear(x, fresh).data;
      expect(grow).toHaveBeenCalledOnce();
      return y;
    };
    expect(await products(true)).toEqual(await products(false));
  });

  it.each([1, 3])("weights that fill one memory go on in the next, to the same bits (%d threads)", async (threads) => {
    const build = async (pages?: number) => {
      const heap = new Heap(threads > 1, pages);
      const workers = await team(heap, threads, false);
      teams.push(workers);
      return new Linear(heap, workers, "f32");
    };
    const [small, large] = [await build(100), await build()];
    const matrices = Array.from({ length: 9 }, (_, i) => matrix(1001 + i, 512)); // 2 MB each, in memories of 6.5 MB
    for (const T of [1, 3]) {
      const x = host<"T C">([T, 512], drawn(512 * T, T));
      for (const W of matrices) expect(small.linear(x, W).data).toEqual(large.linear(x, W).data);
    }
    expect([small.memories, large.memories]).toEqual([5, 1]);
  });

  it("a trap over a further memory is an error over the first", async () => {
    const { heap, team: workers } = await started(2);
    const further = heap.another();
    const over = workers.over(further);
    expect(() => quantise(over, further.memory.buffer.byteLength - 1024, 8)).not.toThrow();
    expect(() => quantise(over, further.memory.buffer.byteLength, 8)).toThrow("one that failed in quantise");
    expect(() => quantise(workers, 6 * PAGE, 8)).toThrow("one that failed in quantise");
  });

  it("is as large as there are addresses for; where there are none, that is the error", () => {
    const { Memory } = WebAssembly;
    const asked: number[] = [];
    const granted = (most: number) => {
      vi.spyOn(WebAssembly, "Memory").mockImplementation(function (descriptor) {
        asked.push(descriptor.maximum!);
        if (descriptor.maximum! > most) throw new RangeError("could not allocate memory");
        return new Memory(descriptor);
      });
    };
    granted(10_000);
    expect(new Heap(true).size).toBe(8192 * PAGE);
    expect(asked).toEqual([65536, 32768, 16384, 8192]);
    granted(0);
    expect(() => new Heap(true)).toThrow("wasm: expected addresses for the kernels' memory, got none");
  });

  it("that is too small for what a product needs is an error with what is left", () => {
    const heap = new Heap(false, 20);
    expect(() => heap.place(2 ** 24)).toThrow(/room for 16777216 bytes more.*got 1179648 of 1310720 left/);
    expect(heap.place(64)).toBe(2 * PAGE);
  });
});
