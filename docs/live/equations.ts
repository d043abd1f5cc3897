/** What the live page says of each line of src/model.ts: its equation, what it means, where to read on. */

export interface Equation {
  /** LaTeX. */
  readonly latex: string;
  /** Two sentences at most. */
  readonly says: string;
  /** What goes in and what comes out, by the letters of docs/axes.md. */
  readonly shapes: string;
  /** The file of src/reference, test/reference, golden/ops and docs/ops, without its ending. */
  readonly of: "embed" | "rms-norm" | "linear" | "rope" | "cache" | "attention" | "swiglu" | "add";
  /** Where heads begin: the picture has a line there. */
  readonly heads?: "H" | "K";
}

const norm = (g: string): string =>
  String.raw`n_{tc} = \frac{x_{tc}}{\sqrt{\frac{1}{C}\sum_{c'} x_{tc'}^2 + \varepsilon}}\; ${g}_c`;
const linear = (y: string, W: string, x: string, b = ""): string =>
  String.raw`${y}_{t} = W_{\mathrm{${W}}}\,${x}_{t}${b === "" ? "" : ` + b_{${b}}`}`;
const turn = (x: string): string =>
  String.raw`\begin{pmatrix} ${x}'_{d} \\ ${x}'_{d+D/2} \end{pmatrix} = \begin{pmatrix} \cos p\,\theta^{-2d/D} & -\sin p\,\theta^{-2d/D} \\ \sin p\,\theta^{-2d/D} & \cos p\,\theta^{-2d/D} \end{pmatrix} \begin{pmatrix} ${x}_{d} \\ ${x}_{d+D/2} \end{pmatrix}`;

/** By the name that the line gives its result: the names of the taps, and `keys` for the cache. */
export const EQUATIONS: Readonly<Record<string, Equation>> = {
  embed: {
    latex: String.raw`x_{tc} = E_{\mathrm{ids}_t\,c}`,
    says: "Each token's number picks a row of the embedding. Nothing is computed: the row is the token's first state.",
    shapes: "E [V C], ids [T] -> x [T C]",
    of: "embed",
  },
  n1: {
    latex: norm("g^{(1)}"),
    says: "Every row is brought to the same length, then scaled channel by channel. What is left is a direction.",
    shapes: "x [T C], g1 [C] -> n1 [T C]",
    of: "rms-norm",
  },
  q: {
    latex: linear("q", "q", "n", "q"),
    says: "What this token looks for, once for each query head. Qwen2 adds a bias here, which Llama does not have.",
    shapes: "n1 [T C], Wq [HD C], bq [HD] -> q [T HD]",
    of: "linear",
    heads: "H",
  },
  k: {
    latex: linear("k", "k", "n", "k"),
    says: "What this token offers to be found by. There are fewer key heads than query heads: several queries share one.",
    shapes: "n1 [T C], Wk [KD C], bk [KD] -> k [T KD]",
    of: "linear",
    heads: "K",
  },
  v: {
    latex: linear("v", "v", "n", "v"),
    says: "What this token gives to those that find it.",
    shapes: "n1 [T C], Wv [KD C], bv [KD] -> v [T KD]",
    of: "linear",
    heads: "K",
  },
  qr: {
    latex: turn("q"),
    says: "Each pair of numbers turns by an angle that grows with the token's place p. Row 0 stands still.",
    shapes: "q [T HD], pos -> qr [T HD]",
    of: "rope",
    heads: "H",
  },
  kr: {
    latex: turn("k"),
    says: "Keys turn as queries do, so that their product depends on the distance of the two tokens alone.",
    shapes: "k [T KD], pos -> kr [T KD]",
    of: "rope",
    heads: "K",
  },
  keys: {
    latex: String.raw`K = \begin{pmatrix} K_{\mathrm{seen}} \\ k' \end{pmatrix},\quad V = \begin{pmatrix} V_{\mathrm{seen}} \\ v \end{pmatrix},\quad S = \mathrm{pos} + T`,
    says: "Turned keys and plain values of every token so far are kept, so that no token is computed twice. The picture is the keys: all of them are new here.",
    shapes: "kr [T KD], v [T KD] -> keys [S KD], values [S KD]",
    of: "cache",
    heads: "K",
  },
  a: {
    latex: String.raw`a_{th} = \sum_{s \le t} \mathrm{softmax}_s\!\left(\frac{q'_{th} \cdot k'_{s\lfloor hK/H \rfloor}}{\sqrt D}\right) v_{s\lfloor hK/H \rfloor}`,
    says: "Each query head averages the values of the tokens up to its own, by how well their keys fit. The small pictures are these weights: a row a token that looks, a column a token that is seen.",
    shapes: "qr [T HD], keys [S KD], values [S KD] -> a [T HD]",
    of: "attention",
    heads: "H",
  },
  o: {
    latex: linear("o", "o", "a"),
    says: "The heads' findings are mixed into one vector of the residual stream's width. No bias here.",
    shapes: "a [T HD], Wo [C HD] -> o [T C]",
    of: "linear",
  },
  mid: {
    latex: String.raw`x_{tc} \leftarrow x_{tc} + o_{tc}`,
    says: "What attention found is added to what was there. The stream is only ever added to.",
    shapes: "x [T C], o [T C] -> mid [T C]",
    of: "add",
  },
  n2: {
    latex: norm("g^{(2)}"),
    says: "The second norm, before the feed-forward part, with gains of its own.",
    shapes: "mid [T C], g2 [C] -> n2 [T C]",
    of: "rms-norm",
  },
  gate: {
    latex: linear("g", "gate", "n"),
    says: "How far each of the F channels is to be opened.",
    shapes: "n2 [T C], Wgate [F C] -> gate [T F]",
    of: "linear",
  },
  up: {
    latex: linear("u", "up", "n"),
    says: "What would pass if the channel were open.",
    shapes: "n2 [T C], Wup [F C] -> up [T F]",
    of: "linear",
  },
  act: {
    latex: String.raw`h_{tf} = \frac{g_{tf}}{1 + e^{-g_{tf}}}\; u_{tf}`,
    says: "A gate far below zero shuts its channel, one above lets it through. Most of the picture is pale: few channels are open at once.",
    shapes: "gate [T F], up [T F] -> act [T F]",
    of: "swiglu",
  },
  down: {
    latex: linear("d", "down", "h"),
    says: "The open channels write their part back to the width of the stream.",
    shapes: "act [T F], Wdown [C F] -> down [T C]",
    of: "linear",
  },
  out: {
    latex: String.raw`x_{tc} \leftarrow x_{tc} + d_{tc}`,
    says: "Added again: this is what the next layer reads.",
    shapes: "mid [T C], down [T C] -> out [T C]",
    of: "add",
  },
  norm: {
    latex: norm("g"),
    says: "The last norm, after all layers.",
    shapes: "x [T C], g [C] -> n [T C]",
    of: "rms-norm",
  },
  logits: {
    latex: String.raw`z_{tv} = \sum_c U_{vc}\, n_{tc}`,
    says: "One number for every token of the vocabulary: how well it would follow. The bars are the best of the last row, after softmax.",
    shapes: "n [T C], U [V C] -> logits [T V]",
    of: "linear",
  },
};
