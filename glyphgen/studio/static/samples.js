import "./invite.js";
import {$, ask, char, doing, hex, listen, post, put, refresh, say, t, translate, verdict} from "./page.js";
import {cutAnew} from "./cut.js";
import {propose} from "./next.js";
import {Pen} from "./pen.js";

const recommended = [...$("pen").dataset.chars].map((c) => c.codePointAt(0));
let wanted = recommended;
let known = new Set();
let rewriting = false;

const pen = new Pen($("pen"), doing(async (codepoint, picture) => {
  await put(`/api/samples/canvas?chars=${hex([codepoint])}`, picture);
  rewriting = false;
  await show();
  advance(codepoint);
}), () => { rewriting = false; advance(pen.codepoint); });

function advance(after) {
  const start = wanted.indexOf(after) + 1;
  const order = [...wanted.slice(start), ...wanted.slice(0, start)];
  pen.show(order.find((c) => !known.has(c)) ?? order[0]);
}

/** This character next, whatever would be. */
function write(codepoint) {
  rewriting = true;
  pen.show(codepoint);
  $("pen").scrollIntoView({block: "center"});
  pen.canvas.focus();
}

function button(key, codepoint, pressed) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = t(key);
  made.setAttribute("aria-label", `${t(key)} ${char(codepoint)}`);
  made.addEventListener("click", doing(pressed));
  return made;
}

function cell(row) {
  const item = document.createElement("li");
  const kind = !row.has ? "lost" : row.verdicts.length ? "warn" : "good";
  item.className = kind;
  item.dataset.char = char(row.c);
  const name = document.createElement("div");
  name.className = "name";
  name.textContent = char(row.c);
  name.lang = document.body.dataset.speech;
  name.title = row.source;
  item.append(name);
  if (row.has) {
    const picture = document.createElement("img");
    picture.loading = "lazy";
    picture.alt = t("samples.picture", {char: char(row.c)});
    picture.src = `/api/samples/picture.png?chars=${hex([row.c])}&v=${row.digest}`;
    item.append(picture);
  }
  const judged = document.createElement("div");
  judged.className = `verdict ${kind}`;
  judged.textContent = verdict(row.verdicts.join(", ")) || t("verdict.good");
  const actions = document.createElement("div");
  actions.className = "row";
  actions.append(button("samples.rewrite", row.c, () => write(row.c)));
  if (row.has || row.page) {
    actions.append(button("samples.recut", row.c, async () => {
      const cut = await cutAnew(row.c, row.cut, row.digest);
      if (!cut) return;
      await post("/api/samples/edit", {op: "recut", chars: [row.c], ...cut});
      await show();
    }));
  }
  if (row.has) {
    actions.append(button("samples.reassign", row.c, async () => {
      const other = await which(t("samples.is", {char: char(row.c)}));
      if (!other) return;
      await post("/api/samples/edit", {op: "reassign", chars: [row.c], to: [other]});
      await show();
    }));
  }
  actions.append(button("samples.drop-it", row.c, async () => {
    await post("/api/samples/edit", {op: "drop", chars: [row.c]});
    await show();
  }));
  item.append(judged, actions);
  return item;
}

async function show() {
  const rows = await ask("/api/samples");
  known = new Set(rows.filter((row) => row.has).map((row) => row.c));
  $("cells").replaceChildren(...rows.map(cell));
  $("cells-none").hidden = rows.length > 0;
  $("cell-count").textContent = t("samples.count", {n: known.size});
  propose(write, (found) => { wanted = [...recommended, ...found]; });
  refresh();
}

/** The codepoint that the person types into the dialogue, or null. */
function which(title) {
  $("ask-title").textContent = title;
  $("ask-char").value = "";
  $("ask").showModal();
  return new Promise((done) => {
    $("ask").addEventListener("close", () => {
      done($("ask").returnValue === "ok" ? $("ask-char").value.trim().codePointAt(0) ?? null : null);
      $("ask").returnValue = "";
    }, {once: true});
  });
}

async function upload(files) {
  if (!files.length) return;
  const bar = $("up-progress");
  const refused = [];
  bar.hidden = false;
  bar.max = files.length;
  for (const [index, file] of files.entries()) {
    bar.value = index;
    try {
      await put(`/api/inbox?${new URLSearchParams({name: file.name})}`, file);
    } catch (error) { refused.push(error.message); }
  }
  bar.removeAttribute("value");
  try {
    if (refused.length < files.length) {
      const read = await post("/api/samples/read", {
        fit: $("fit").checked, chars: $("chars").value.trim(), sample_chars: $("font-chars").value.trim(),
      });
      notes([...refused, ...read.notes]);
      say(t("samples.read", {n: read.read}));
    } else notes(refused);
  } finally { bar.hidden = true; }
  await show();
  if (!rewriting) advance(pen.codepoint);
}

function notes(lines) {
  $("notes").replaceChildren(...lines.map((line) => {
    const item = document.createElement("li");
    item.textContent = translate(line);
    return item;
  }));
}

for (const id of ["files", "camera"]) {
  $(id).addEventListener("change", doing(async (event) => {
    const files = [...event.target.files];
    event.target.value = "";
    await upload(files);
  }));
}
const drop = $("drop");
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
}
drop.addEventListener("drop", doing((event) => upload([...event.dataTransfer.files])));
document.addEventListener("paste", doing(async (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length) return;
  event.preventDefault();
  const named = [];
  for (const file of files) {
    const codepoint = file.type.startsWith("image/") ? await which(t("samples.pasted")) : null;
    named.push(codepoint ? new File([file], `${char(codepoint)}.png`) : file);
  }
  await upload(named);
}));
listen("samples", doing(async () => {       // from a phone
  await show();
  if (!rewriting && !pen.strokes.length && known.has(pen.codepoint)) advance(pen.codepoint);
}));
advance(wanted.at(-1));
doing(show)().then(() => { if (!pen.strokes.length && known.has(pen.codepoint)) advance(pen.codepoint); });
