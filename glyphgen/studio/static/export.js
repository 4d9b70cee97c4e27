import {$, count, doing, duration, listen, post, stageLine, t} from "./page.js";

function rows(result) {
  const lacking = result.missing.length
    ? [t("export.missing"), `${count(result.missing.length)}: `
      + String.fromCodePoint(...result.missing.slice(0, 60))] : null;
  return [[t("export.glyphs"), count(result.glyphs)],
    [t("export.coverage"), `${count(result.asked - result.missing.length)} / ${count(result.asked)}`],
    [t("filter.doubtful"), count(result.doubtful)], lacking,
    [t("export.time"), duration(result.seconds)],
    [t("export.where"), result.paths.join("\n")]].filter(Boolean);
}

function show(job) {
  if (job.kind !== "export") return;
  const running = job.state === "running";
  $("export").querySelector("button").disabled = running;
  $("bar").hidden = !running;
  $("bar").max = job.total || 1;
  $("bar").value = job.done;
  $("stage-line").textContent = job.state === "failed" ? job.result.error : stageLine(job);
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
}

listen("job", show);
$("export").addEventListener("submit", (event) => {
  event.preventDefault();
  const formats = [...document.querySelectorAll("input[name=format]:checked")].map((box) => box.value);
  doing(() => post("/api/export", {formats, family: $("family").value,
    localised_family: $("localised").value, designer: $("designer").value,
    licence: $("licence").value, folder: $("folder").value}))();
});
