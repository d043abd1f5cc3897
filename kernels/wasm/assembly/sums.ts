/** How the four lanes of a sum become one number, everywhere in the same order. */

// @ts-ignore: decorator
@inline
export function total(acc: v128): f32 {
  return (
    f32x4.extract_lane(acc, 0) +
    f32x4.extract_lane(acc, 1) +
    (f32x4.extract_lane(acc, 2) + f32x4.extract_lane(acc, 3))
  );
}

// @ts-ignore: decorator
@inline
export function put(y: usize, bias: usize, o: i32, acc: v128): void {
  store<f32>(y + o * 4, bias == 0 ? total(acc) : total(acc) + load<f32>(bias + o * 4));
}
