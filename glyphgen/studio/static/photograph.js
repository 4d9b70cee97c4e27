// Photographs of paper: shrunk here, read on the computer, and every cell told at once.

import {$, ask, char, doing, t, translate, verdict} from "./page.js";

const LONGEST = 3200, QUALITY = 0.88;       // pixels: a sheet at 270 dpi

/** A JPEG that is no larger than it needs to be, upright. */
async function shrunk(file) {
  const picture = await createImageBitmap(file, {imageOrientation: "from-image"});
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
}

function cell(row) {
  const item = document.createElement("li");
  const box = document.createElement("div");
  const said = document.createElement("small");
  const kind = !row.has ? "lost" : row.verdicts.length ? "warn" : "good";
  box.className = kind;
  said.textContent = `${{good: "✓", warn: "?", lost: "–"}[kind]} ${verdict(row.verdicts.join(", ")) || t("verdict.good")}`;
  box.append(char(row.c), said);
  item.append(box);
  return item;
}

/** `read` is called with the codepoints that have a sample now. */
export function photographs(read) {
  const other = () => document.querySelector("input[name=what]:checked").value === "other";
  for (const radio of document.querySelectorAll("input[name=what]")) {
    radio.addEventListener("change", () => { $("other").hidden = !other(); });
  }

  async function send(files) {
    const notes = [], cells = [];
    $("reading").hidden = false;
    $("read").textContent = t("phone.reading");
    try {
      for (const file of files) {
        const query = new URLSearchParams({chars: other() ? $("chars").value : ""});
        let picture;
        try { picture = await shrunk(file); } catch { notes.push(t("phone.no-picture")); continue; }
        const found = await ask(`/api/photo?${query}`, {
          method: "PUT", headers: {"Content-Type": "application/octet-stream"}, body: picture});
        cells.push(...found.cells);
        notes.push(...found.notes.map(translate));
      }
    } finally {
      $("reading").hidden = true;
      const good = cells.filter((row) => row.has && !row.verdicts.length).length;
      $("read").textContent = cells.length ? t("phone.read", {good, all: cells.length}) : t("phone.none");
      $("notes").replaceChildren(...notes.map((line) => {
        const item = document.createElement("li");
        item.textContent = line;
        return item;
      }));
      const order = (row) => (!row.has ? 0 : row.verdicts.length ? 1 : 2);
      $("cells").replaceChildren(...cells.sort((a, b) => order(a) - order(b)).map(cell));
      read(cells.filter((row) => row.has).map((row) => row.c));
    }
  }

  for (const id of ["camera", "files"]) {
    $(id).addEventListener("change", doing(async (event) => {
      const files = [...event.target.files];
      event.target.value = "";
      if (files.length) await send(files);
    }));
  }
}
