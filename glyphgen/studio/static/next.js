// What to write next, and how the score of the hand moved with what was written.

import {$, ask, char, count, doing, listen, say, t} from "./page.js";

const PAUSE = 1500;         // ms without another sample, before anything is worked out
const SHOWN = 8;            // batches
const WIDE = 120;
const HIGH = 32;
const SVG = "http://www.w3.org/2000/svg";
let proposed = [];
let timer = 0;

/** Propose anew; `write` is called with the codepoint that is pressed, `found` with all of them. */
export function propose(write, found) {
  if (!proposed.length) $("next-chars").replaceChildren(line("li", t("next.waiting")));
  clearTimeout(timer);
  timer = setTimeout(doing(async () => {
    const rows = await ask("/api/samples/next");
    proposed = rows.map((row) => row.c);
    $("next").hidden = !rows.length;
    $("next-chars").replaceChildren(...rows.map((row) => chip(row, write)));
    $("next-copy").disabled = false;
    const sheet = new URL($("next-sheet").href);
    sheet.searchParams.set("chars", text());
    $("next-sheet").href = sheet;
    found(proposed);
  }), proposed.length ? PAUSE : 0);
}

const text = () => String.fromCodePoint(...proposed);

function line(tag, said) {
  const made = document.createElement(tag);
  made.textContent = said;
  return made;
}

function chip(row, write) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const why = t(`next.${row.reason}`, {part: row.part, n: count(row.n)});
  button.type = "button";
  button.dataset.next = char(row.c);
  button.setAttribute("aria-label", t("next.write", {char: char(row.c), why}));
  const big = line("b", char(row.c));
  big.lang = document.body.dataset.speech;
  button.append(big, line("span", why));
  button.addEventListener("click", () => write(row.c));
  item.append(button);
  return item;
}

$("next-copy").addEventListener("click", doing(async () => {
  await navigator.clipboard.writeText(text());
  say(t("next.copied", {chars: text()}));
}));

/** The way up, in a small picture: ink in common, from the worst to the best. */
function picture(scores) {
  const least = Math.min(...scores);
  const range = Math.max(...scores) - least || 1;
  const points = scores.map((score, index) => [
    4 + index * (WIDE - 8) / Math.max(1, scores.length - 1),
    4 + (HIGH - 8) * (1 - (score - least) / range)]);
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
  made.setAttribute("aria-hidden", "true");
  const way = document.createElementNS(SVG, "polyline");
  way.setAttribute("points", points.map((point) => point.join(",")).join(" "));
  const dots = points.map(([x, y]) => {
    const dot = document.createElementNS(SVG, "circle");
    for (const [name, value] of [["cx", x], ["cy", y], ["r", 3]]) dot.setAttribute(name, value);
    return dot;
  });
  made.append(way, ...dots);
  return made;
}

listen("state", (state) => {
  const last = (state.learnt ?? []).slice(-SHOWN);
  if (!last.length) {
    $("learnt").textContent = t("learnt.none");
    return;
  }
  const said = last.map((one) => t("learnt.line", {
    n: count(one.samples), score: Math.round(100 * one.iou)})).join(" → ");
  $("learnt").replaceChildren(line("span", t("learnt.title")));
  if (last.length > 1) $("learnt").append(picture(last.map((one) => one.iou)));
  $("learnt").append(line("strong", said));
});
