/** A picture of an activation: a row a token, a column a channel, blue below zero and orange above. */

/** Numbers by rows. */
export interface Picture {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/** The cell a reader stands on. */
export interface Cell {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

const BELOW = [37, 99, 190] as const;
const ABOVE = [214, 110, 20] as const;

/** Draws on a canvas, and knows the cell under the keys or the pointer. */
export class Heat {
  private readonly canvas: HTMLCanvasElement;
  private readonly tell: (cell: Cell) => void;
  private picture: Picture = { rows: 0, columns: 0, data: new Float32Array(0) };
  private row = 0;
  private column = 0;

  constructor(canvas: HTMLCanvasElement, tell: (cell: Cell) => void) {
    this.canvas = canvas;
    this.tell = tell;
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("pointermove", (event) => this.point(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(canvas.parentElement!);
  }

  show(picture: Picture): void {
    this.picture = picture;
    this.row = Math.min(this.row, Math.max(0, picture.rows - 1));
    this.column = Math.min(this.column, Math.max(0, picture.columns - 1));
    this.draw();
  }

  /** The largest value without its sign: where the colours end. */
  get scale(): number {
    return this.picture.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  }

  /** Draws again: after the page's colours have changed. */
  draw(): void {
    const { canvas, picture } = this;
    const { rows, columns } = picture;
    if (rows === 0) return;
    const width = Math.max(1, Math.round(canvas.parentElement!.clientWidth * devicePixelRatio));
    const wide = Math.min(columns, width);
    const cell = Math.max(1, Math.floor(width / wide));
    const tall = Math.max(2, Math.min(Math.round(18 * devicePixelRatio), Math.round((360 * devicePixelRatio) / rows)));
    canvas.width = cell * wide;
    canvas.height = tall * rows;
    const context = canvas.getContext("2d")!;
    // The canvas's own background says which scheme the page is in, whoever chose it.
    const ground = getComputedStyle(canvas).backgroundColor.match(/\d+/g)!.map(Number);
    const dark = ground[0]! < 128;
    const { scale } = this;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < wide; c++) {
        const share = this.strongest(r, c, wide) / scale;
        const end = share < 0 ? BELOW : ABOVE;
        const part = Math.sqrt(Math.abs(share)); // small values are seen too
        const mixed = end.map((to, i) => Math.round(ground[i]! + (to - ground[i]!) * part));
        context.fillStyle = `rgb(${mixed.join(" ")})`;
        context.fillRect(c * cell, r * tall, cell, tall);
      }
    }
    context.strokeStyle = dark ? "#fff" : "#000";
    context.lineWidth = Math.max(1, devicePixelRatio);
    const at = Math.floor((this.column * wide) / columns);
    context.strokeRect(at * cell + 0.5, this.row * tall + 0.5, Math.max(cell - 1, 2), tall - 1);
  }

  /** Where there are more columns than dots, the value that is farthest from zero. */
  private strongest(row: number, at: number, wide: number): number {
    const { columns, data } = this.picture;
    let found = 0;
    for (let c = Math.floor((at * columns) / wide); c < Math.floor(((at + 1) * columns) / wide); c++) {
      const value = data[row * columns + c]!;
      if (Math.abs(value) > Math.abs(found)) found = value;
    }
    return found;
  }

  private key(event: KeyboardEvent): void {
    const step = event.shiftKey ? 10 : 1;
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -step],
      ArrowRight: [0, step],
      Home: [0, -this.column],
      End: [0, this.picture.columns],
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    this.go(this.row + move[0], this.column + move[1]);
  }

  private point(event: PointerEvent): void {
    const { rows, columns } = this.picture;
    this.go(
      Math.floor((event.offsetY / this.canvas.clientHeight) * rows),
      Math.floor((event.offsetX / this.canvas.clientWidth) * columns),
    );
  }

  private go(row: number, column: number): void {
    const { rows, columns, data } = this.picture;
    if (rows === 0) return;
    this.row = Math.max(0, Math.min(rows - 1, row));
    this.column = Math.max(0, Math.min(columns - 1, column));
    this.draw();
    this.tell({ row: this.row, column: this.column, value: data[this.row * columns + this.column]! });
  }
}

/** The colours as a gradient, for the legend. */
export function gradient(): string {
  const ground = "light-dark(rgb(250 250 248), rgb(24 27 32))";
  return `linear-gradient(to right, rgb(${BELOW.join(" ")}), ${ground}, rgb(${ABOVE.join(" ")}))`;
}
