import { expect, it } from "vitest";
import { isLfsPointer, looksLike } from "../../src/files/magic.ts";

it.each([
  ["version https://git-lfs.github.com/spec/v1\n", "a git-LFS pointer"],
  ["<!DOCTYPE html>", "a web page"],
  ["\n<html>", "a web page"],
  ["GGUF\x03\0\0\0", "a GGUF file"],
  ["PK\x03\x04", "a zip archive, as PyTorch's .bin and .pt files are"],
  ["\x80\x02}", "a Python pickle"],
  ["\x1f\x8b\x08", "a gzip archive"],
  ["\x28\xb5\x2f\xfd", "a zstd archive"],
  ['{"a":1}', "JSON"],
  ["\x10\0\0\0\0\0\0\0{}", undefined],
  ["", undefined],
])("knows %j as %s", (text, kind) => {
  const bytes = Buffer.from(text, "latin1");
  expect(looksLike(bytes)).toBe(kind);
  expect(isLfsPointer(bytes)).toBe(kind === "a git-LFS pointer");
});
