// The review: which glyphs are shown, and what can be done to the one that is picked.

import {$, ask, char, count, doing, hex, listen, post, put, t} from "./page.js";
import {Brush} from "./brush.js";
import {Candidates} from "./candidates.js";
import {Grid} from "./grid.js";
import {Pen} from "./pen.js";

let all = [];
let shown = [];
let redone = new Set();

const blocks = {
  all: () => true,
  hanzi: (c) => (c >= 0x3400 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00) || c >= 0x20000,
  kana: (c) => c >= 0x3041 && c < 0x3100,
  hangul: (c) => (c >= 0xAC00 && c < 0xD7A4) || (c >= 0x3131 && c < 0x3190),
  latin: (c) => c < 0x2B0 || (c >= 0x1E00 && c < 0x1F00),      // Pinyin has letters of all of it
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
  arrange();
}

function arrange() {
  const find = new Set([...$("find").value.trim()].map((c) => c.codePointAt(0)));
  const right = filters[$("filter").value], inside = blocks[$("block").value];
  shown = all.filter((row) => right(row) && inside(row[0]) && (!find.size || find.has(row[0])));
  if ($("order").value === "code") shown = shown.toSorted((a, b) => a[0] - b[0]);
  $("count").textContent = t("review.count", {n: count(shown.length)});
  grid.show(shown, redone);
}

const grid = new Grid($("grid"), {
  picked: () => { if (!$("one").hidden) doing(detail)(); },
  opened: () => doing(detail)(),
});

async function detail() {
  const codepoint = grid.picks;
  const code = hex([codepoint]);
  $("one").hidden = false;
  $("one-title").textContent = `${char(codepoint)}  U+${code.toUpperCase().padStart(4, "0")}`;
  picture($("one-picture"), `/api/glyphs/sprite.png?size=256&chars=${code}&v=${grid.version}`,
    t("samples.picture", {char: char(codepoint)}));
  picture($("one-content"), `/api/content.png?chars=${code}`, t("one.content"));
  candidates.show(codepoint);
  if (!$("pen").hidden && pen.codepoint !== codepoint) pen.show(codepoint, drawing());
  if (!$("brush").hidden && brush.codepoint !== codepoint) $("brush").hidden = true;
  const known = await ask(`/api/glyph?chars=${code}`);
  if (grid.picks !== codepoint) return;
  const parts = Object.entries(known.scores).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  $("one-facts").textContent = [t(`state.${known.state}`),
    `${t("one.score")} ${known.score.toFixed(2)}`].join(" · ");
  $("one-facts").title = parts.join(" · ");
  const free = ["drawn", "doubtful"].includes(known.state);
  for (const op of ["lock", "redo"]) $("one").querySelector(`[data-op=${op}]`).disabled = !free;
  $("one").querySelector("[data-op=unlock]").disabled = known.state !== "locked";
  $("ask-candidates").disabled = !free;
  $("bearings").hidden = !known.bearings;
  [$("bearing-left").value, $("bearing-right").value] = known.bearings ?? [0, 0];
  $("erase-part").disabled = !free && known.state !== "replaced";
}

/** The picked glyph as it is, for what is painted over it. */
const drawing = () => `/api/glyphs/sprite.png?size=512&chars=${hex([grid.picks])}&v=${grid.version}`;

function picture(frame, source, words) {
  const image = document.createElement("img");
  image.alt = words;
  image.src = source;
  frame.replaceChildren(image);
}

const change = doing(async (op, more = {}) => {
  if (op !== "undo" && grid.picks === null) return;
  const chars = op === "undo" ? undefined : [grid.picks];
  await post("/api/glyph", {op, chars, ...more});
});

const replace = doing(async (codepoint, picture, kind) => {
  await put(`/api/glyph/picture?${new URLSearchParams({chars: hex([codepoint]), kind})}`, picture);
  $("pen").hidden = true;
});

const pen = new Pen($("pen"), (codepoint, drawn) => replace(codepoint, drawn, "canvas"));
const brush = new Brush($("brush"), doing(async (codepoint, mask, kind) => {
  await put(`/api/glyph/part?${new URLSearchParams({chars: hex([codepoint]), kind})}`, mask);
  $("brush").hidden = true;
}));
const candidates = new Candidates($("candidates"));

for (const button of document.querySelectorAll("[data-op]")) {
  button.addEventListener("click", () => change(button.dataset.op));
}
for (const button of document.querySelectorAll("[data-move]")) {
  const [right, down, scale] = button.dataset.move.split(" ").map(Number);
  button.addEventListener("click", () => change("move", {right: right * 0.01, down: down * 0.01, scale}));
}
for (const id of ["bearing-left", "bearing-right"]) {
  $(id).addEventListener("change", () => change("bearings", {
    left: Number($("bearing-left").value), right: Number($("bearing-right").value)}));
}
$("one-close").addEventListener("click", () => { $("one").hidden = true; $("grid").focus(); });
for (const [button, paper, other] of [["draw-over", pen, brush], ["erase-part", brush, pen]]) {
  $(button).addEventListener("click", () => {
    other.place.hidden = true;
    paper.place.hidden = !paper.place.hidden;
    if (paper.place.hidden) return;
    paper.show(grid.picks, drawing());
    paper.place.scrollIntoView({block: "nearest"});
    paper.canvas.focus({preventScroll: true});
  });
}
$("ask-candidates").addEventListener("click", () => candidates.ask(grid.picks));
$("replacement").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (file) replace(grid.picks, file, "file");
  event.target.value = "";
});

const keys = {
  Escape: () => { $("one").hidden = true; },
  r: () => change("redo"), l: () => change("lock"), u: () => change("unlock"), z: () => change("undo"),
  c: () => grid.picks !== null && candidates.ask(grid.picks),
};
for (let number = 1; number < 9; number++) keys[number] = () => candidates.pick(number - 1);
$("grid").addEventListener("keydown", (event) => {
  const known = keys[event.key];
  if (!known || event.altKey || event.metaKey || (event.ctrlKey && event.key !== "z")) return;
  event.preventDefault();
  known();
});
for (const id of ["filter", "block", "order"]) $(id).addEventListener("change", arrange);
$("find").addEventListener("input", arrange);
let waiting = 0;
const changed = new Set();
const reload = doing(async () => {
  const fresh = new Set(changed);
  changed.clear();
  const answer = await ask("/api/glyphs");
  const states = new Map(answer.glyphs.map((row) => [row[0], row]));
  redone = new Set(answer.redone);
  if (answer.glyphs.length === all.length && all.every(([codepoint]) => states.has(codepoint))) {
    all = all.map(([codepoint]) => states.get(codepoint));  // stays where it is
    shown = shown.map(([codepoint]) => states.get(codepoint));
    grid.renew(shown, redone, fresh);
  } else { all = answer.glyphs; arrange(); }
  if (!$("one").hidden && grid.picks !== null) await detail();
});
listen("drawn", (codepoints) => {
  for (const codepoint of codepoints) changed.add(codepoint);
  clearTimeout(waiting);
  waiting = setTimeout(reload, 250);
});
listen("job", (job) => {
  if (job.kind === "redo" && job.state === "done") reload();
});
doing(load)();
