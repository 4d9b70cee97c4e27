// The phone's page: characters written one after another, photographs, and the font on trial.

import {Glass} from "./glass.js";
import {$, ask, char, doing, hex, post, remember, remembered, t} from "./page.js";
import {photographs} from "./photograph.js";
import {Typing} from "./typing.js";

const AGAIN = 4000;             // milliseconds until what did not arrive is sent again
const wanted = [...$("list").dataset.chars].map((c) => c.codePointAt(0));
const drafts = new Map();       // codepoint to the strokes that were written here
const state = new Map();        // codepoint: "good" | "sending" | "lost"
let now = wanted[0], fresh = false, sending = Promise.resolve();
const typing = new Typing($("set"), $("lacking"));
const glass = new Glass($("paper"), () => {
  fresh = true;
  $("undo").disabled = $("again").disabled = !glass.strokes.length;
});
const guide = (codepoint) => `/api/content.png?chars=${hex([codepoint])}`;

function show(codepoint) {
  now = codepoint;
  $("write-title").textContent = t("pen.write", {char: char(now)});
  glass.ink.setAttribute("aria-label", $("write-title").textContent);
  $("prompt").src = guide(now);
  glass.put([...(drafts.get(now) ?? [])]);
  fresh = false;
  new Image().src = guide(stepped(1));        // so that it is there at once
  list();
}

const MARKS = {good: "✓", sending: "…", lost: "!"};

function list() {
  $("done").textContent = t("phone.done", {
    done: wanted.filter((c) => state.get(c) === "good").length, all: wanted.length});
  for (const [index, button] of [...$("list").querySelectorAll("button")].entries()) {
    const codepoint = wanted[index], mark = button.querySelector(".mark");
    mark.className = `mark ${state.get(codepoint) ?? ""}`;
    mark.textContent = MARKS[state.get(codepoint)] ?? "";
    if (codepoint === now) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

$("list").append(...wanted.map((codepoint) => {
  const item = document.createElement("li"), button = document.createElement("button");
  const mark = document.createElement("span");
  button.type = "button";
  mark.className = "mark";
  button.append(char(codepoint), mark);
  button.addEventListener("click", () => { keep(); show(codepoint); glass.ink.scrollIntoView({block: "center"}); });
  item.append(button);
  return item;
}));

const stepped = (by) => wanted[(wanted.indexOf(now) + by + wanted.length) % wanted.length];

/** Send what is written, if it was not; whether there was something. */
function keep() {
  if (!fresh || !glass.strokes.length) return false;
  drafts.set(now, glass.strokes);
  state.set(now, "sending");
  fresh = false;
  send(now);
  return true;
}

function send(codepoint) {
  const strokes = drafts.get(codepoint);
  sending = sending.then(doing(async () => {
    if (drafts.get(codepoint) !== strokes) return;        // written anew meanwhile
    try {
      await post("/api/strokes", {chars: [codepoint], strokes});
      state.set(codepoint, "good");
      $("sent").textContent = t("phone.sent", {char: char(codepoint)});
      typing.changed([codepoint]);
    } catch (error) {
      state.set(codepoint, "lost");
      $("sent").textContent = t("phone.unsent", {
        chars: wanted.filter((c) => state.get(c) === "lost").map(char).join("")});
      listening();
      throw error;
    } finally { list(); }
  }));
}

/** Whether the computer still listens; the page says so where it does not. */
async function listening() {
  let on = false;
  try { on = (await fetch("/api/written")).ok; } catch { /* it is gone, or the network is */ }
  $("ended").hidden = on;
  return on;
}

setInterval(async () => {
  const lost = wanted.find((c) => state.get(c) === "lost");
  if (lost !== undefined && await listening()) { state.set(lost, "sending"); send(lost); }
}, AGAIN);

/** Keep, and go to the next character that is not written yet. */
function onward() {
  if (!keep()) return;
  const start = wanted.indexOf(now) + 1;
  const order = [...wanted.slice(start), ...wanted.slice(0, start)];
  show(order.find((c) => !state.has(c)) ?? order[0]);
}

const step = (by) => { keep(); show(stepped(by)); };
const KEYS = {ArrowLeft: () => step(-1), ArrowRight: () => step(1), Enter: onward, Backspace: () => glass.undo()};
$("previous").addEventListener("click", () => step(-1));
$("next").addEventListener("click", () => step(1));
$("keep").addEventListener("click", onward);
$("undo").addEventListener("click", () => glass.undo());
$("again").addEventListener("click", () => glass.put([]));
glass.ink.addEventListener("keydown", (event) => {
  if (event.key === "z" && (event.ctrlKey || event.metaKey)) glass.undo();
  else KEYS[event.key]?.();
});

for (const radio of document.querySelectorAll("input[name=prompt]")) {
  radio.checked = radio.value === (remembered("prompt") || "behind");
  const put = () => { $("desk").dataset.prompt = radio.value; };
  if (radio.checked) put();
  radio.addEventListener("change", () => { put(); remember("prompt", radio.value); });
}

// the parts of the page

const parts = [...document.querySelectorAll("[data-part]")];
for (const button of parts) {
  button.addEventListener("click", () => {
    for (const each of parts) {
      each.setAttribute("aria-pressed", String(each === button));
      $(each.dataset.part).hidden = each !== button;
    }
    if (button.dataset.part === "type") typed();
  });
}

function typed() {
  const mine = wanted.filter((c) => state.get(c) === "good").map(char).join("");
  if (!$("text").dataset.own) $("text").value = mine || $("text").dataset.text;
  typing.set($("text").value, Number($("text-size").value));
}
let timer = 0;
$("text").addEventListener("input", () => {
  $("text").dataset.own = "1";
  clearTimeout(timer);
  timer = setTimeout(typed, 150);
});
$("text-size").addEventListener("input", typed);
for (const radio of document.querySelectorAll("input[name=direction]")) {
  radio.addEventListener("change", () => { $("set").classList.toggle("vertical", radio.value === "vertical"); });
}

photographs((codepoints) => {
  for (const codepoint of codepoints) state.set(codepoint, "good");
  typing.changed(codepoints);
  list();
});

doing(async () => {
  for (const {c} of await ask("/api/written")) state.set(c, "good");
  if (!glass.strokes.length) show(wanted.find((c) => !state.has(c)) ?? wanted[0]);
  else list();
})();
show(now);
