// The cut of a cell on its page: a square that is moved and resized with pointer or keys.

import {$, char, hex, t} from "./page.js";

const LEAST = 0.1, STEP = 0.01;
const KEYS = {ArrowLeft: [-1, 0, 0], ArrowRight: [1, 0, 0], ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0],
  "+": [0, 0, 1], "=": [0, 0, 1], "-": [0, 0, -1]};
let cut = {left: 0.25, top: 0.25, side: 0.5};
let held = null;

function show() {
  const {style} = $("cut-frame");
  style.left = `${cut.left * 100}%`;
  style.top = `${cut.top * 100}%`;
  style.width = style.height = `${cut.side * 100}%`;
}

/** Put the square's middle and side, kept inside the picture. */
function put(x, y, side) {
  side = Math.min(1, Math.max(LEAST, side));
  const inside = (middle) => Math.min(1 - side, Math.max(0, middle - side / 2));
  cut = {left: inside(x), top: inside(y), side};
  show();
}

function nudge([right, down, larger]) {
  put(cut.left + cut.side / 2 + right * STEP, cut.top + cut.side / 2 + down * STEP,
    cut.side + 2 * larger * STEP);
}

const share = (event) => {
  const box = $("cut-around").getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
};

$("cut-frame").addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  event.currentTarget.setPointerCapture(event.pointerId);
  const [x, y] = share(event);
  const middle = [cut.left + cut.side / 2, cut.top + cut.side / 2];
  held = {sizes: event.target.id === "cut-corner", by: [middle[0] - x, middle[1] - y], middle};
  event.preventDefault();
  $("cut-frame").focus();
});
$("cut-frame").addEventListener("pointermove", (event) => {
  if (!held) return;
  const [x, y] = share(event);
  const [mx, my] = held.middle;
  if (held.sizes) put(mx, my, 2 * Math.max(x - mx, y - my));
  else put(x + held.by[0], y + held.by[1], cut.side);
});
for (const end of ["pointerup", "pointercancel"]) {
  $("cut-frame").addEventListener(end, () => { held = null; });
}
$("cut-frame").addEventListener("keydown", (event) => {
  if (!(event.key in KEYS)) return;
  event.preventDefault();
  nudge(KEYS[event.key]);
});
for (const button of document.querySelectorAll("[data-cut]")) {
  button.addEventListener("click", () => nudge(button.dataset.cut.split(" ").map(Number)));
}

/** The cut that the person makes of a cell, which is [left, top, side] now; null for none. */
export function cutAnew(codepoint, [left, top, side], version) {
  cut = {left, top, side};
  $("cut-picture").src = `/api/samples/around.jpg?chars=${hex([codepoint])}&v=${version}`;
  $("cut-picture").alt = t("samples.picture", {char: char(codepoint)});
  $("cut-title").textContent = t("cut.title", {char: char(codepoint)});
  show();
  $("cut").showModal();
  $("cut-frame").focus();
  return new Promise((done) => {
    $("cut").addEventListener("close", () => {
      done($("cut").returnValue === "ok" ? cut : null);
      $("cut").returnValue = "";
    }, {once: true});
  });
}
