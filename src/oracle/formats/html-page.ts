/**
 * Style and script of the page of a report. The script draws what `pageData` gives; it loads nothing.
 */

export const STYLE = `
:root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1d2126; --faint: #646b75; --line: #dcdfe3; --panel: #f3f4f2;
  --low: #dfeaf3; --mid: #8fb8d8; --warn: #e8b23c; --fail: #e4572e; --most: #7d0f1f; --none: #ececea; --ok: #22763f; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #e6e8ea; --faint: #9aa2ac; --line: #333a42; --panel: #1d2126;
    --low: #1f3140; --mid: #2f6690; --warn: #c4901f; --fail: #e4572e; --most: #ffb3a1; --none: #22262b; --ok: #5fc487; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px; max-width: 1180px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 20px; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 15px; margin: 0 0 8px; }
p { margin: 4px 0; }
.faint { color: var(--faint); }
.verdict { display: inline-block; padding: 0 10px; border-radius: 4px; margin-right: 8px; color: #fff; background: var(--ok); }
.verdict.fail, .verdict.incomparable { background: #b3261e; }
.verdict.warn { background: #8a6100; }
.grid { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 20px; margin-top: 20px; align-items: start; }
@media (max-width: 860px) { .grid { grid-template-columns: minmax(0, 1fr); } }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 14px 16px; min-width: 0; }
canvas { display: block; width: 100%; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { text-align: right; padding: 2px 8px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--faint); font-weight: 500; }
@media (max-width: 480px) { body { padding: 16px; } section { padding: 12px; } th, td { padding: 2px 4px; font-size: 12px; } }
code, .mono { font-family: ui-monospace, monospace; font-size: 13px; overflow-wrap: anywhere; }
.bar .mono { font-size: 12px; }
tr.pick { cursor: pointer; } tr.chosen td { background: var(--low); }
.scroll, #ulps { max-height: 420px; overflow: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 12px; font-size: 12px; color: var(--faint); margin-top: 8px; }
.legend i { display: inline-block; width: 12px; height: 12px; margin-right: 4px; vertical-align: -1px; border-radius: 2px; }
select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: 2px 6px; }
.bar { display: grid; grid-template-columns: 11ch 1fr 7ch; gap: 8px; white-space: nowrap; align-items: center; font-size: 12px; }
.bar b { display: block; height: 12px; background: var(--mid); border-radius: 2px; min-width: 1px; }
`;

export const SCRIPT = `
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const byName = new Map(data.taps.map((tap) => [tap.name, tap]));
const worst = (tap) => Math.max(...tap.cells.map((z) => z ?? 0));
let chosen = data.first || (data.taps.reduce((a, b) => (a && worst(a) >= worst(b) ? a : b), null) || {}).name;
let shown = "";

function figure(x) {
  if (x === null) return "";
  if (x > 1e300) return "not finite";
  const size = Math.abs(x);
  if (size !== 0 && (size >= 1e4 || size < 1e-3)) return x.toExponential(2).replace("e+", "e");
  return size >= 100 ? x.toFixed(0) : x.toPrecision(3);
}
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const power = (e) => (e < 10 ? String(2 ** e) : "2" + [...String(e)].map((digit) => RAISED[digit]).join(""));
const precise = (x) => (x === null ? "not finite" : String(Number(x.toPrecision(8))));

function mix(a, b, t) {
  const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  return "rgb(" + [0, 1, 2].map((i) => Math.round(part(a, i) + (part(b, i) - part(a, i)) * t)).join(",") + ")";
}
function colour(z) {
  if (z === null) return css("--none");
  if (z <= data.warn) return mix(css("--low"), css("--mid"), z / data.warn);
  if (z <= data.fail) return css("--warn");
  return mix(css("--fail"), css("--most"), Math.min(1, Math.log10(z / data.fail) / 4));
}

/** How far off a cell is: in noises of its tap, or beside its bounds. */
function level(tap, z) {
  if (tap.excess === null) return "z " + figure((z * tap.kappa) / data.fail);
  return figure(z / (z > data.fail ? data.fail : data.warn)) + " of its bounds";
}

/** z at a place of the map: of one kind of tap, or the worst of all. */
function cell(place, column) {
  let worst = null;
  for (const tap of data.taps) {
    if (tap.place !== place || (shown !== "" && tap.short !== shown)) continue;
    const z = tap.cells[column];
    if (z !== null && (worst === null || z > worst.z)) worst = { z: z, tap: tap };
  }
  return worst;
}

const left = 46, top_ = 18;
function draw() {
  const canvas = $("map"), ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, rows = data.places.length, columns = data.columns.length;
  const high = Math.max(5, Math.min(18, Math.floor(460 / Math.max(1, rows))));
  const wide = (width - left) / Math.max(1, columns);
  canvas.style.height = top_ + rows * high + "px";
  canvas.width = width * ratio; canvas.height = (top_ + rows * high) * ratio;
  const g = canvas.getContext("2d");
  g.scale(ratio, ratio);
  g.font = "11px system-ui, sans-serif"; g.textBaseline = "middle";
  const step = Math.max(1, Math.ceil(12 / high));
  data.places.forEach((place, i) => {
    const y = top_ + i * high;
    g.fillStyle = css("--faint"); g.textAlign = "right";
    if (i === rows - 1 || (i % step === 0 && i + step < rows)) g.fillText(place, left - 6, y + high / 2);
    for (let c = 0; c < columns; c++) {
      const worst = cell(place, c);
      g.fillStyle = colour(worst === null ? null : worst.z);
      g.fillRect(left + c * wide, y, Math.max(1, wide - (wide > 6 ? 1 : 0)), high - (high > 6 ? 1 : 0));
    }
    const tap = byName.get(chosen);
    if (tap && tap.place === place) {
      g.strokeStyle = css("--ink"); g.lineWidth = 1.5; g.strokeRect(left, y - 0.5, width - left - 1, high);
    }
  });
  g.fillStyle = css("--faint"); g.textAlign = "center";
  const every = Math.max(1, Math.ceil(34 / wide));
  for (let c = 0; c < columns; c += every) g.fillText(String(data.columns[c][0]), left + (c + 0.5) * wide, 8);
  canvas.at = (x, y) => {
    const c = Math.floor((x - left) / wide), i = Math.floor((y - top_) / high);
    return c >= 0 && c < columns && i >= 0 && i < rows ? { place: data.places[i], column: c } : null;
  };
}

function row(cells, tag) {
  const tr = document.createElement("tr");
  for (const text of cells) { const td = document.createElement(tag || "td"); td.textContent = text; tr.append(td); }
  return tr;
}
function fill(id, head, rows) { $(id).replaceChildren(row(head, "th"), ...rows); }

function choose(name) {
  chosen = name;
  const tap = byName.get(name);
  if (!tap) return;
  const said = (before, x, after) => (x === null ? [] : [before + figure(x) + after]);
  $("about").textContent = tap.name + ": " + [...said("", tap.excess, " of its bounds"), ...said("z ", tap.z, ""), ...said("r ", tap.r, ""),
    ...said("noise ", tap.noise, ""), "worst at position " + tap.row].join(", ");
  const ulps = tap.ulps || [], sum = ulps.reduce((a, b) => a + b, 0), most = Math.max(1, ...ulps);
  $("ulps").replaceChildren(...ulps.map((count, i) => {
    const bar = document.createElement("div"), label = document.createElement("span"), b = document.createElement("b"),
      share = document.createElement("span"), box = document.createElement("span");
    bar.className = "bar"; label.className = "mono";
    label.textContent = i === 0 ? "below 1" : power(i - 1) + " to " + power(i);
    b.style.width = (100 * count) / most + "%"; box.append(b);
    share.textContent = count === 0 ? "" : ((100 * count) / sum).toFixed(1) + " %";
    bar.append(label, box, share); return bar;
  }));
  if (ulps.length === 0) $("ulps").textContent = "No histogram: only sketches, or nothing, was compared.";
  fill("values", ["position", "column", "expected", "got", "difference"], tap.values.map((v) =>
    row([v[0], v[1], precise(v[2]), precise(v[3]), v[2] === null || v[3] === null ? "" : figure(v[3] - v[2])])));
  $("novalues").hidden = tap.values.length > 0;
  const same = data.taps.filter((other) => other.place === tap.place);
  const known = [["excess", "of bounds"], ["z", "z"], ["r", "r"], ["noise", "noise"]].filter(([key]) => same.some((one) => one[key] !== null));
  fill("taps", ["tap", ...known.map(([, text]) => text), "position", ""], same.map((other) => {
    const tr = row([other.name, ...known.map(([key]) => figure(other[key])), other.row, other.state === "pass" ? "" : other.state]);
    tr.className = "pick" + (other.name === chosen ? " chosen" : "");
    tr.onclick = () => choose(other.name);
    tr.tabIndex = 0;
    tr.onkeydown = (event) => { if (event.key === "Enter") { choose(other.name); $("taps").querySelector(".chosen").focus(); } };
    return tr;
  }));
  draw();
}

const kinds = [...new Set(data.taps.map((tap) => tap.short))];
for (const kind of kinds) { const option = document.createElement("option"); option.value = kind; option.textContent = kind; $("kind").append(option); }
$("kind").onchange = (event) => { shown = event.target.value; draw(); };
$("map").onmousemove = (event) => {
  const at = $("map").at(event.offsetX, event.offsetY), worst = at && cell(at.place, at.column);
  const span = at && data.columns[at.column];
  $("readout").textContent = !worst ? " " : worst.tap.name + ", position " + (span[0] === span[1] ? span[0] : span[0] + " to " + span[1]) + ": " + level(worst.tap, worst.z);
};
$("map").onclick = (event) => {
  const at = $("map").at(event.offsetX, event.offsetY), worst = at && cell(at.place, at.column);
  if (worst) choose(worst.tap.name);
};
window.addEventListener("resize", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
if (chosen) choose(chosen); else draw();
`;
