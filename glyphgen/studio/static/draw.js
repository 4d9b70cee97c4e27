import {$, ask, char, count, doing, duration, hex, listen, post, stageLine, t, translate} from "./page.js";
import {typingHere} from "./typing.js";

let state = null;

function showJob(job) {
  const running = job.state === "running";
  const drawing = running && job.kind !== "export";
  $("begin").hidden = running;
  $("pause").hidden = !running || job.paused;
  $("resume").hidden = !running || !job.paused;
  $("cancel").hidden = !running;
  $("adapt").disabled = running;
  $("stage-line").textContent = job.state === "failed" ? translate(job.result.error) : stageLine(job);
  $("banner").hidden = job.state !== "interrupted";
  $("banner").textContent = t("job.interrupted.more");
  $("bar").max = (drawing && job.total) || state?.asked || 1;
  $("bar").value = drawing && job.total ? job.done : state?.done ?? 0;
  const left = drawing && job.rate > 0 && job.stage === "glyphs" ? (job.total - job.done) / job.rate : 0;
  $("rate-line").textContent = left > 0
    ? t("draw.rate", {rate: job.rate.toFixed(1), left: duration(left)}) : "";
  $("notes").replaceChildren(...(job.notes ?? []).map((line) => {
    const item = document.createElement("li");
    item.textContent = translate(line);
    return item;
  }));
}

/** Each sample beside the drawing of it from the others. */
const showHeld = doing(async () => {
  const held = await ask("/api/held");
  if (!held.length) return;
  $("held-lead").textContent = t("held.lead");
  const drawn = `/api/held.png?chars=${hex(held)}&v=${Date.now()}`;
  const mine = `/api/glyphs/sprite.png?size=96&chars=${hex(held)}&v=${Date.now()}`;
  $("held").replaceChildren(...held.map((codepoint, index) => {
    const item = document.createElement("li");
    const pair = document.createElement("span");
    pair.setAttribute("role", "img");
    pair.setAttribute("aria-label", t("held.pair", {char: char(codepoint)}));
    for (const sheet of [mine, drawn]) {
      const cell = document.createElement("i");
      cell.style.backgroundImage = `url("${sheet}")`;
      cell.style.backgroundSize = `calc(${Math.min(16, held.length)} * var(--side)) auto`;
      cell.style.backgroundPosition =
        `calc(${-index % 16} * var(--side)) calc(${-Math.floor(index / 16)} * var(--side))`;
      pair.append(cell);
    }
    item.append(pair);
    return item;
  }));
});

listen("state", (now) => {
  state = now;
  if (now.job.state !== "running") showHeld();
  $("begin").textContent = t(now.done > now.samples && now.done < now.asked ? "draw.on" : "draw.begin");
  showJob(now.job);
});
listen("job", showJob);
listen("drawn", (codepoints) => {
  const fresh = codepoints.slice(-64);
  const sheet = `/api/glyphs/sprite.png?size=48&chars=${hex(fresh)}&v=${Date.now()}`;
  const cells = fresh.map((_, index) => {
    const cell = document.createElement("i");
    cell.className = "glyph";
    cell.style.backgroundImage = `url("${sheet}")`;
    cell.style.backgroundPosition = `-${index % 16 * 48}px -${Math.floor(index / 16) * 48}px`;
    return cell;
  });
  $("fresh").prepend(...cells);
  while ($("fresh").childElementCount > 256) $("fresh").lastElementChild.remove();
  if (state) {
    state.done = Math.min(state.asked, state.done + codepoints.length);
    $("project-facts").textContent = t("facts", {
      samples: count(state.samples), done: count(state.done), asked: count(state.asked)});
  }
});

$("begin").addEventListener("click", doing(() => post("/api/draw", {adapt: $("adapt").checked})));
for (const order of ["pause", "resume", "cancel"]) {
  $(order).addEventListener("click", doing(() => post("/api/order", {order})));
}
const typing = typingHere();
const TASTES = ["weight", "looseness"];
const tastes = () => ({...state?.tuning, ...Object.fromEntries(TASTES.map((name) => [name, Number($(name).value)]))});
for (const name of TASTES) {
  $(name).addEventListener("input", () => typing.retune(tastes()));
  $(name).addEventListener("change", doing(() => post("/api/tuning", tastes())));
}
listen("tuned", (tuning) => {
  if (state) state.tuning = tuning;
  for (const name of TASTES) $(name).value = tuning[name];
  typing.retune({});
});
