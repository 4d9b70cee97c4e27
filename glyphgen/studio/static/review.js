// Thousands of glyphs in chunks: a chunk near the view has cells and one sprite sheet, the others
// are empty boxes of the right height.

import {$, ask, char, count, doing, hex, listen, post, put, t} from "./page.js";
import {Pen} from "./pen.js";

const CHUNK = 128, CELL = 64, COLUMNS = 16;
const MARKS = {doubtful: "?", locked: "🔒", replaced: "✎", mine: "✓"};
const grid = $("grid");
let all = [];
let shown = [];
let redone = new Set();
let place = new Map();          // codepoint to its index in `shown`
let selected = -1;
let version = Date.now();

const blocks = {
  all: () => true,
  hanzi: (c) => (c >= 0x3400 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00) || c >= 0x20000,
  kana: (c) => c >= 0x3041 && c < 0x3100,
  hangul: (c) => c >= 0xAC00 && c < 0xD7A4,
  latin: (c) => c < 0x250,
};
blocks.signs = (c) => !["hanzi", "kana", "hangul", "latin"].some((name) => blocks[name](c));
const filters = {
  all: () => true, redone: ([c]) => redone.has(c),
  ...Object.fromEntries(["doubtful", "locked", "replaced", "mine"].map(
    (name) => [name, ([, state]) => state === name])),
};

async function load() {
  const answer = await ask("/api/glyphs");
  all = answer.glyphs;
  redone = new Set(answer.redone);
  version = Date.now();
  arrange();
}

function arrange() {
  const kept = selected >= 0 ? shown[selected]?.[0] : null;
  const find = new Set([...$("find").value.trim()].map((c) => c.codePointAt(0)));
  const right = filters[$("filter").value], inside = blocks[$("block").value];
  shown = all.filter((row) => right(row) && inside(row[0]) && (!find.size || find.has(row[0])));
  if ($("order").value === "code") shown = shown.toSorted((a, b) => a[0] - b[0]);
  place = new Map(shown.map((row, index) => [row[0], index]));
  selected = kept === null || kept === undefined ? -1 : place.get(kept) ?? -1;
  $("count").textContent = t("review.count", {n: count(shown.length)});
  layout();
}

const near = new IntersectionObserver((entries) => {
  for (const {target, isIntersecting} of entries) {
    if (isIntersecting) queue.add(target);
    else { queue.delete(target); target.replaceChildren(); }
  }
  if (queue.size) requestAnimationFrame(fillNext);
}, {root: grid, rootMargin: "600px 0px"});

/** One chunk a frame, so that scrolling never waits; those that are gone again are left out. */
const queue = new Set();
function fillNext() {
  const [chunk] = queue;
  if (!chunk) return;
  queue.delete(chunk);
  fill(chunk);
  if (queue.size) requestAnimationFrame(fillNext);
}

function perRow() { return Math.max(1, Math.floor((grid.clientWidth - 16) / CELL)); }

function layout() {
  near.disconnect();
  const chunks = [];
  const columns = perRow();
  const size = Math.max(columns, Math.floor(CHUNK / columns) * columns);     // whole rows
  for (let start = 0; start < shown.length; start += size) {
    const chunk = document.createElement("div");
    const rows = Math.ceil(Math.min(size, shown.length - start) / columns);
    chunk.className = "chunk";
    chunk.role = "presentation";
    chunk.dataset.start = start;
    chunk.dataset.end = Math.min(start + size, shown.length);
    chunk.style.height = `${rows * CELL}px`;
    chunk.style.containIntrinsicSize = `auto ${rows * CELL}px`;
    chunks.push(chunk);
  }
  grid.replaceChildren(...chunks);
  for (const chunk of chunks) near.observe(chunk);
}

function fill(chunk) {
  if (chunk.childElementCount) return;
  const start = Number(chunk.dataset.start);
  const rows = shown.slice(start, Number(chunk.dataset.end));
  const sheet = `url("/api/glyphs/sprite.png?size=96&chars=${hex(rows.map(([c]) => c))}&v=${version}")`;
  const cells = rows.map(([codepoint, state], index) => {
    const cell = document.createElement("div");
    cell.className = `cell ${state}`;
    cell.id = `glyph-${start + index}`;
    cell.role = "option";
    cell.dataset.mark = MARKS[state] ?? (redone.has(codepoint) ? "↻" : "");
    cell.setAttribute("aria-label", `${char(codepoint)}, ${t(`state.${state}`)}`);
    cell.setAttribute("aria-selected", String(start + index === selected));
    const picture = document.createElement("i");
    picture.style.backgroundImage = sheet;
    picture.style.backgroundSize = `${Math.min(rows.length, COLUMNS) * CELL}px auto`;
    picture.style.backgroundPosition = `-${index % COLUMNS * CELL}px -${Math.floor(index / COLUMNS) * CELL}px`;
    cell.append(picture);
    return cell;
  });
  chunk.replaceChildren(...cells);
}

function refill() {
  for (const chunk of grid.children) if (chunk.childElementCount) { chunk.replaceChildren(); fill(chunk); }
}

function select(index, open = false) {
  if (!shown.length) return;
  document.getElementById(`glyph-${selected}`)?.setAttribute("aria-selected", "false");
  selected = Math.min(Math.max(index, 0), shown.length - 1);
  const chunk = [...grid.children].find((each) => selected < Number(each.dataset.end));
  if (!chunk) return;
  fill(chunk);
  const cell = document.getElementById(`glyph-${selected}`);
  cell.setAttribute("aria-selected", "true");
  cell.scrollIntoView({block: "nearest"});
  grid.setAttribute("aria-activedescendant", cell.id);
  if (open || !$("one").hidden) doing(detail)();
}

async function detail() {
  const [codepoint] = shown[selected];
  const code = hex([codepoint]);
  $("one").hidden = false;
  $("one-title").textContent = `${char(codepoint)}  U+${code.toUpperCase().padStart(4, "0")}`;
  picture($("one-picture"), `/api/glyphs/sprite.png?size=256&chars=${code}&v=${version}`,
    t("samples.picture", {char: char(codepoint)}));
  picture($("one-content"), `/api/content.png?chars=${code}`, t("one.content"));
  if (!$("pen").hidden) pen.show(codepoint);
  const known = await ask(`/api/glyph?chars=${code}`);
  const parts = Object.entries(known.scores).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  $("one-facts").textContent = [t(`state.${known.state}`),
    `${t("one.score")} ${known.score.toFixed(2)}`, ...parts].join(" · ");
  $("one").querySelector("[data-op=lock]").disabled = !["drawn", "doubtful"].includes(known.state);
  $("one").querySelector("[data-op=unlock]").disabled = known.state !== "locked";
  $("one").querySelector("[data-op=redo]").disabled = ["locked", "mine", "replaced", "missing"].includes(known.state);
}

function picture(frame, source, words) {
  const image = document.createElement("img");
  image.alt = words;
  image.src = source;
  frame.replaceChildren(image);
}

const change = doing(async (op, more = {}) => {
  if (op !== "undo" && selected < 0) return;
  const chars = op === "undo" ? undefined : [shown[selected][0]];
  await post("/api/glyph", {op, chars, ...more});
});

const replace = doing(async (codepoint, picture, kind) => {
  await put(`/api/glyph/picture?${new URLSearchParams({chars: hex([codepoint]), kind})}`, picture);
  $("pen").hidden = true;
});

const pen = new Pen($("pen"), (codepoint, drawn) => replace(codepoint, drawn, "canvas"));

for (const button of document.querySelectorAll("[data-op]")) {
  button.addEventListener("click", () => change(button.dataset.op));
}
for (const button of document.querySelectorAll("[data-move]")) {
  const [right, down, scale] = button.dataset.move.split(" ").map(Number);
  button.addEventListener("click", () => change("move", {right: right * 0.01, down: down * 0.01, scale}));
}
$("one-close").addEventListener("click", () => { $("one").hidden = true; grid.focus(); });
$("draw-over").addEventListener("click", () => {
  $("pen").hidden = !$("pen").hidden;
  if ($("pen").hidden) return;
  pen.show(shown[selected][0]);
  $("pen").scrollIntoView({block: "nearest"});
});
$("replacement").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (file) replace(shown[selected][0], file, "file");
  event.target.value = "";
});

const keys = {
  ArrowRight: () => select(selected + 1), ArrowLeft: () => select(selected - 1),
  ArrowDown: () => select(selected + perRow()), ArrowUp: () => select(selected - perRow()),
  PageDown: () => select(selected + perRow() * 8), PageUp: () => select(selected - perRow() * 8),
  Home: () => select(0), End: () => select(shown.length - 1),
  Enter: () => select(selected, true), Escape: () => { $("one").hidden = true; },
  r: () => change("redo"), l: () => change("lock"), u: () => change("unlock"), z: () => change("undo"),
};
grid.addEventListener("keydown", (event) => {
  const known = keys[event.key];
  if (!known || event.altKey || event.metaKey || (event.ctrlKey && event.key !== "z")) return;
  event.preventDefault();
  known();
});
grid.addEventListener("click", (event) => {
  const cell = event.target.closest(".cell");
  if (cell) select(Number(cell.id.slice(6)), true);
});
for (const id of ["filter", "block", "order"]) $(id).addEventListener("change", arrange);
$("find").addEventListener("input", arrange);
let resized = 0;
let width = perRow();
new ResizeObserver(() => {
  clearTimeout(resized);
  resized = setTimeout(() => { if (perRow() !== width) { width = perRow(); layout(); } }, 100);
}).observe(grid);

const reload = doing(async () => {
  const answer = await ask("/api/glyphs");
  const same = answer.glyphs.length === all.length;
  redone = new Set(answer.redone);
  version = Date.now();
  const states = new Map(answer.glyphs.map((row) => [row[0], row]));
  if (same) {                         // what stands where it stood does not jump away
    all = all.map((row) => states.get(row[0]) ?? row);
    shown = shown.map((row) => states.get(row[0]) ?? row);
    refill();
  } else { all = answer.glyphs; arrange(); }
  if (!$("one").hidden && selected >= 0) await detail();
});
let waiting = 0;
listen("drawn", () => { clearTimeout(waiting); waiting = setTimeout(reload, 250); });
listen("job", (job) => {
  if (job.kind === "redo" && job.state === "done") reload();
});
await doing(load)();
performance.mark("glyphs-shown");
