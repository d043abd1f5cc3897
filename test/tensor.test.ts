import { expect, it } from "vitest";
import { ShapeError } from "../src/errors.ts";
import { host, isHost, isStored, stored, zeros } from "../src/tensor.ts";

it("host takes the array as it is, and refuses one of another size", () => {
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  expect(host<"T C">([2, 3], data).data).toBe(data);
  expect(() => host<"T C">([2, 4], data)).toThrow(ShapeError);
  expect(() => host<"T C">([2, 4], data)).toThrow(
    "host: expected 8 values for [2 4], got 6. Give the data's own shape.",
  );
});

it("zeros has the product of its sizes", () => {
  const x = zeros<"T C">(3, 5);
  expect([x.shape, x.data.length, x.data.every((value) => value === 0)]).toEqual([[3, 5], 15, true]);
});

it("a tensor is known by how it is stored", () => {
  const W = stored<"O I">({
    shape: [1, 1],
    format: "F32",
    name: "W",
    widen: () => {},
    window: (_, __, use) => use(new Uint8Array()),
  });
  const x = zeros<"T C">(1, 1);
  expect([isHost(x), isStored(x), isHost(W), isStored(W)]).toEqual([true, false, false, true]);
});
