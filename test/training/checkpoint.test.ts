import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { replaceIo, SYSTEM } from "../../src/files/io.ts";
import { type Checkpoint, checkSame, readCheckpoint, writeCheckpoint } from "../../src/training/checkpoint.ts";
import { initial } from "../../src/training/initial.ts";
import { named } from "../../src/training/parameters.ts";
import { configOf } from "../../src/training/settings.ts";
import { failure, temporaryFolder } from "../support/folder.ts";
import { systemError } from "../support/io.ts";
import { tinySettings } from "../support/training.ts";

const settings = tinySettings();
const config = configOf(settings, 320);
const checkpoint: Checkpoint = {
  settings: JSON.stringify(settings),
  seed: "18446744073709551615",
  stage: "one",
  step: 12,
  log: '{"step":1}\n{"step":2,"sample":"答案是933。"}\n',
  state: { parameters: initial(config, 1), mean: initial(config, 2), square: initial(config, 3), step: 34 },
};

const bits = ({ state }: Checkpoint) =>
  [state.parameters, state.mean, state.square].flatMap((part) =>
    [...named(part)].map(([name, { shape, data }]) => [name, shape, Buffer.from(data.buffer).toString("base64")]),
  );

function written(): string {
  const path = join(temporaryFolder(), "c.safetensors");
  writeCheckpoint(path, checkpoint);
  return path;
}

describe("a checkpoint", () => {
  it("comes back with every bit and every word", () => {
    const back = readCheckpoint(written());
    expect(bits(back)).toEqual(bits(checkpoint));
    const { state, ...place } = back;
    expect({ ...place, updates: state.step }).toEqual({
      ...{ settings: checkpoint.settings, seed: checkpoint.seed, stage: "one", step: 12, log: checkpoint.log },
      updates: 34,
    });
  });

  it("keeps tied parameters tied", () => {
    const path = join(temporaryFolder(), "c.safetensors");
    const tied = initial({ ...config, tied: true }, 1);
    writeCheckpoint(path, { ...checkpoint, state: { ...checkpoint.state, parameters: tied } });
    const { parameters } = readCheckpoint(path).state;
    expect(parameters.U).toBe(parameters.E);
  });

  it("damaged anywhere is not read: header, numbers, metadata", () => {
    const path = written();
    const whole = readFileSync(path);
    const log = whole.indexOf("step");
    for (const at of [4, 12, log, whole.length >> 1, whole.length - 1]) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 1;
      writeFileSync(path, damaged);
      expect(failure(() => readCheckpoint(path)).code, `byte ${at}`).toMatch(/^E_(TRAIN_CHECKPOINT|ST_|JSON_)/);
    }
    writeFileSync(path, whole.subarray(0, -1));
    expect(failure(() => readCheckpoint(path)).code).toMatch(/^E_ST_/);
  });

  it("another safetensors file is none, and says so", () => {
    const error = failure(() => readCheckpoint("golden/model/tiny/model.safetensors"));
    expect(error.code).toBe("E_TRAIN_CHECKPOINT");
    expect(error.message).toContain("expected qwq-training/1, got another file");
  });

  it("that is not there is missing", () => {
    expect(failure(() => readCheckpoint("nowhere")).code).toBe("E_IO_OPEN");
  });

  it("on a full disk is an error, and the last one stays", () => {
    const path = written();
    const before = readFileSync(path);
    const full = () => {
      throw systemError("ENOSPC");
    };
    const restore = replaceIo({ ...SYSTEM, writeSync: full });
    onTestFinished(restore);
    const error = failure(() => writeCheckpoint(path, { ...checkpoint, step: 13 }));
    restore();
    expect([error.code, error.message.includes("The disk is full")]).toEqual(["E_OUT_WRITE", true]);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(join(path, ".."))).toEqual(["c.safetensors"]);
  });
});

describe("going on", () => {
  it("with the same settings and seed is allowed", () => {
    expect(() => checkSame("c", checkpoint, checkpoint)).not.toThrow();
  });

  it.each([
    [{ seed: "2" }, "to go on with --seed 18446744073709551615, got 2"],
    [{ settings: JSON.stringify(tinySettings({ cold: { batch: 3 } })) }, "to go on with cold.batch 2, got 3"],
  ])("as another training is refused, with what differs", (change, words) => {
    const error = failure(() => checkSame("c", checkpoint, { ...checkpoint, ...change }));
    expect([error.code, error.message.includes(words)]).toEqual(["E_TRAIN_SETTINGS", true]);
  });
});
