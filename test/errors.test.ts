import { expect, it } from "vitest";
import { FormatError, inFile, IoError, LimitError, QwqError, ShapeError, UsageError } from "../src/errors.ts";

it("an error says where, both sides, which, and what to do, in that order", () => {
  const error = new FormatError("E_ST_SIZE_MISMATCH", "header", {
    path: "model.safetensors",
    tensor: "lm_head.weight",
    offset: 96,
    expected: "12 bytes",
    actual: "8",
    hint: "Get it again.",
  });
  expect(error.message).toBe(
    "model.safetensors: header: expected 12 bytes, got 8 (lm_head.weight, at byte 96). Get it again.",
  );
});

it("parts that are not known leave no trace, and a path is not said twice", () => {
  expect(new QwqError("E_X", "sampler").message).toBe("sampler.");
  expect(new QwqError("E_X", "a.json", { path: "a.json", actual: "nothing" }).message).toBe("a.json: got nothing.");
});

it("an error gets the file it is about, and keeps one that it has; what is none of ours stays what it is", () => {
  const error = new FormatError("E_X", "chat template", { actual: "none" });
  const placed = inFile(error, "model");
  expect(placed).toBeInstanceOf(FormatError);
  expect(placed).toMatchObject({ code: "E_X", path: "model", message: "model: chat template: got none." });
  expect(inFile(placed, "other")).toBe(placed);
  expect(inFile("thrown", "model")).toBe("thrown");
});

it("every kind is a QwqError and an Error, with its own name, its code and its cause", () => {
  for (const Kind of [ShapeError, FormatError, LimitError, IoError, UsageError]) {
    const cause = new Error("below");
    const error = new Kind("E_SOME", "where", { cause });
    expect(error).toBeInstanceOf(QwqError);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.cause]).toEqual([Kind.name, "E_SOME", cause]);
  }
});
