/** What tile.ts measured, and its table in docs/kernels.md. */

/** One Node's figures. `wide` is absent where lanes are not joined. */
export interface TileSpeeds {
  readonly node: string;
  readonly registers: { readonly narrow: number; readonly wide?: number };
  readonly nearest: { readonly narrow: number; readonly wide?: number };
  readonly second: { readonly narrow: number; readonly wide?: number };
  /** Whole products of 4,864 by 4,864 with 128 tokens, by number format. */
  readonly products: Readonly<Record<string, number>>;
}

export interface Tiles {
  readonly machine: { readonly processor: string };
  readonly nodes: readonly TileSpeeds[];
}

/** Of whole products. */
export const FORMATS: readonly string[] = ["Q8_0", "Q4_0", "Q4_K", "Q6_K"];

/** The table of docs/kernels.md. */
export function tileTable({ machine, nodes }: Tiles): string {
  const shown = ({ narrow, wide }: { narrow: number; wide?: number }, of?: { narrow: number; wide?: number }) =>
    [[narrow, of?.narrow] as const, ...(wide === undefined ? [] : [[wide, of?.wide] as const])]
      .map(([rate, limit]) => rate.toFixed(0) + (limit === undefined ? "" : ` (${(rate / limit).toFixed(2)})`))
      .join(" and ");
  const rows = nodes.map(({ node, registers, nearest, second, products }) => {
    const limit = registers.wide ?? registers.narrow;
    const whole = FORMATS.map(
      (format) => `${products[format]!.toFixed(0)} (${(products[format]! / limit).toFixed(2)})`,
    );
    return [node, shown(registers), shown(nearest, registers), shown(second, registers), ...whole];
  });
  const head = ["Node", "registers", "tile, nearest cache", "tile, second cache", ...FORMATS];
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .concat(
      "",
      "GOP/s of one thread, in 128 bits and, where V8 joins lanes, in 256; in brackets the share of what registers alone allow.",
      `On the right whole products, 4,864 by 4,864 with 128 tokens. ${machine.processor}. Made by \`npm run bench:tile\`.`,
    )
    .join("\n");
}
