import {$, count, doing, duration, listen, post, put, stageLine, t, translate} from "./page.js";

const form = $("export");

function rows(result) {
  const lacking = result.missing.length
    ? [t("export.missing"), `${count(result.missing.length)}: `
      + String.fromCodePoint(...result.missing.slice(0, 60))] : null;
  return [[t("export.glyphs"), count(result.glyphs)],
    [t("export.coverage"), `${count(result.asked - result.missing.length)} / ${count(result.asked)}`],
    [t("filter.doubtful"), count(result.doubtful)], lacking,
    result.findings.length ? [t("export.findings"), result.findings.join("\n")] : null,
    [t("export.time"), duration(result.seconds)],
    [t("export.where"), result.paths.join("\n")]].filter(Boolean);
}

function show(job) {
  if (job.kind !== "export") return;
  const running = job.state === "running";
  form.querySelector("button.main").disabled = running;
  $("bar").hidden = !running;
  $("bar").max = job.total || 1;
  $("bar").value = job.done;
  $("stage-line").textContent = job.state === "failed" ? translate(job.result.error) : stageLine(job);
  $("notes").replaceChildren(...(job.notes ?? []).map((line) => {
    const item = document.createElement("li");
    item.textContent = translate(line);
    return item;
  }));
  if (job.state !== "done") return;
  $("report").replaceChildren(...rows(job.result).flatMap(([name, value]) => {
    const term = document.createElement("dt"), is = document.createElement("dd");
    term.textContent = name;
    is.textContent = value;
    return [term, is];
  }));
  $("downloads").replaceChildren(...job.result.paths.map((path) => {
    const name = path.split(/[\\/]/).at(-1);
    const item = document.createElement("li"), link = document.createElement("a");
    link.className = "button";
    link.href = `/api/download?${new URLSearchParams({name})}`;
    link.download = name.endsWith(".ufo") ? `${name}.zip` : name;
    link.textContent = t("export.download", {name});
    item.append(link);
    return item;
  }));
  $("install").hidden = !job.result.paths.some((path) => /\.(ttf|otf)$/.test(path));
  $("installed").textContent = "";
}

listen("job", show);
$("install").addEventListener("click", doing(async () => {
  const {installed} = await post("/api/install", {});
  $("installed").textContent = t("export.installed",
    {names: installed.map(({name, revision}) => `${name} ${revision}`).join(", ")});
}));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const data = new FormData(form);
  const said = Object.fromEntries([...data].filter(([name]) => !["formats", "weights"].includes(name)));
  doing(() => post("/api/export", {...said, formats: data.getAll("formats"),
    weights: data.getAll("weights"), alternates: Number(said.alternates), report: data.has("report"), check: data.has("check"),
    fill: !$("base-off").hidden}))();
});

const based = doing(async (name, file) => {
  const held = await put(`/api/base?${new URLSearchParams({name})}`, file);
  $("base-name").textContent = held.name ? t("export.base.has", {name: held.name, n: count(held.size)}) : "";
  $("base-off").hidden = !held.name;
});
$("base").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (file) based(file.name, file);
  event.target.value = "";
});
$("base-off").addEventListener("click", () => based("", new Blob()));
