// What every page shares: words, requests, events, messages, language and theme.

export const $ = (id) => document.getElementById(id);
// in the page itself: a module that waited for them would lose what a quick person does first
export const words = JSON.parse($("words").textContent);
export const hex = (codepoints) => codepoints.map((c) => c.toString(16)).join(".");
export const char = (codepoint) => String.fromCodePoint(codepoint);
const numbers = new Intl.NumberFormat(document.documentElement.lang);
export const count = (number) => numbers.format(number);

/** The word of a key, with {name} filled in. */
export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const verdict = (line) => line.split(", ").map((word) => {
  const [name, other] = word.split(": ");
  return (words[`verdict.${name}`] ?? name) + (other ? `: ${other}` : "");
}).join(", ");

/** A line of the program in the reader's language: {key, values, at}, or what no language knows. */
export function translate(line) {
  if (typeof line === "string") return line;
  const values = Object.fromEntries(
    Object.entries(line.values).map(([name, value]) => [name, value?.key ? translate(value) : value]));
  if (values.verdicts) values.verdicts = verdict(values.verdicts);
  return (line.at ? `${line.at}: ` : "") + t(line.key, values);
}

/** Keep a choice of this machine: in a cookie, which every port of it shares. */
export function remember(name, value) {
  document.cookie = `glyphgen-${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=strict`;
}

export function remembered(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`glyphgen-${name}=`));
  return found ? decodeURIComponent(found.split("=")[1]) : "";
}

export function say(text) {
  const line = document.createElement("p");
  line.textContent = text;
  $("toasts").append(line);
  setTimeout(() => line.remove(), 8000);
}

/** What the person was told already. */
class Told extends Error {}

/** The answer to a request and its body; tells where there is none. */
export async function request(path, options = {}, kind = "text") {
  try {
    const answer = await fetch(path, options);
    return {answer, body: await answer[kind]()};
  } catch {
    say(t("gone"));
    throw new Told(t("gone"));
  }
}

/** JSON of a request; shows the error's line and throws where it is refused. */
export async function ask(path, options = {}) {
  const {answer, body} = await request(path, options);
  if (answer.ok) return JSON.parse(body);
  let line = body;
  try { line = JSON.parse(body).error; } catch { /* plain text */ }
  line = translate(line);
  say(line);
  throw new Told(line);
}

export const post = (path, body = {}) => ask(path, {
  method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
export const put = (path, blob) => ask(path, {
  method: "PUT", headers: {"Content-Type": "application/octet-stream"}, body: blob});

/** An action for a listener: what was told already goes no further. */
export const doing = (action) => async (...given) => {
  try { return await action(...given); } catch (error) { if (!(error instanceof Told)) throw error; }
};

export const listeners = {state: [], job: [], drawn: [], traced: [], tuned: [], samples: [], phone: []};
let source = null;

export function listen(kind, heard) {
  listeners[kind].push(heard);
  if (source) return;
  source = new EventSource("/api/events");
  for (const name of Object.keys(listeners)) {
    source.addEventListener(name, (event) => {
      const data = JSON.parse(event.data);
      for (const each of listeners[name]) each(data);
    });
  }
  source.addEventListener("project", (event) => {     // another tab opened another project
    const here = document.body.dataset.page !== "start";
    if (here && JSON.parse(event.data) !== $("project-name").textContent) location.assign("/");
  });
}

export function stageLine(job) {
  if (job.state !== "running") return t(`job.${job.state}`);
  const stage = words[`stage.${job.stage || "start"}`] ?? job.stage;
  const where = job.total > 1 ? ` ${count(job.done)} / ${count(job.total)}` : "";
  return (job.paused ? `${t("job.paused")} · ` : "") + stage + where;
}

export function duration(seconds) {
  if (seconds < 90) return t("seconds", {n: Math.max(1, Math.round(seconds))});
  return t("minutes", {n: Math.round(seconds / 60)});
}

/** Ask for the state of the project anew and tell everyone. */
export const refresh = doing(async () => {
  const state = await ask("/api/state");
  for (const each of listeners.state) each(state);
});

let lastState = null;
if ($("project-facts")) {
  listen("state", (state) => {
    if (!state.project) return;
    $("project-facts").textContent = t("facts", {
      samples: count(state.samples), done: count(state.done), asked: count(state.asked)});
    for (const line of document.querySelectorAll("[data-lacks]")) line.hidden = line.dataset.lacks !== state.lacks;
    for (const each of listeners.job) each(state.job);
  });
  listen("job", (job) => {
    if (job.stage === "glyphs" && job.rate > 0) remember("rate", job.rate.toFixed(2));
    if (job.state !== "running" && job.state !== lastState) setTimeout(refresh);
    lastState = job.state;
    $("job-line").textContent = ["idle", "done"].includes(job.state) ? "" : stageLine(job);
  });
}

$("language").addEventListener("change", doing(async (event) => {
  await post("/api/language", {language: event.target.value});
  location.reload();
}));
const root = document.documentElement;
$("theme").value = root.dataset.theme ?? "";
$("theme").addEventListener("change", (event) => {
  remember("theme", event.target.value);
  if (event.target.value) root.dataset.theme = event.target.value;
  else delete root.dataset.theme;
});
