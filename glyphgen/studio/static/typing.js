// Typed text set in the font: each character that was not seen yet comes in a small font of its
// own, joined to the others by unicode-range.

import {$, char, doing, hex, listen, request, t, translate} from "./page.js";

const FAMILY = "hand";
const MOST = 400;       // characters of one request

export class Typing {
  constructor(place, line) {
    this.place = place;
    this.line = line;
    this.faces = [];            // {face, codepoints}
    this.state = new Map();     // codepoint: "have" | "lacks"
    this.text = "";
    this.tuning = {};           // in place of the project's
    this.busy = false;
  }

  /** The whole font is weighted, slanted, sized or spaced otherwise: all of it comes anew. */
  retune(tuning) {
    this.tuning = tuning;
    this.state = new Map([...this.state].filter(([, state]) => state === "lacks"));
    this.fetch();
  }

  set(text, size) {
    this.text = text;
    this.place.style.fontSize = `${size}px`;
    this.place.style.fontFamily = `${FAMILY}, "Noto Sans CJK SC", sans-serif`;
    this.show();
    this.fetch();
  }

  /** These were drawn since: what is set in them is fetched anew. */
  changed(codepoints) {
    const drawn = new Set(codepoints);
    const typed = new Set([...this.text].map((c) => c.codePointAt(0)));
    let stale = false;
    for (const codepoint of drawn) {
      if (!this.state.has(codepoint)) continue;
      this.state.delete(codepoint);
      stale ||= typed.has(codepoint);
    }
    if (stale) this.fetch();
  }

  fetch() { doing(() => this.fill())(); }

  async fill() {
    if (this.busy) return;
    this.busy = true;
    try {
      for (;;) {
        const needed = [...new Set([...this.text].filter((c) => c.trim()).map((c) => c.codePointAt(0)))]
          .filter((c) => !this.state.has(c)).slice(0, MOST);
        if (!needed.length) break;
        if (!await this.load(needed)) break;        // what failed is tried again with the next text
        this.show();
      }
    } finally { this.busy = false; }
  }

  /** Whether these are known now: in a font, or lacking. */
  async load(codepoints) {
    const tuning = this.tuning;
    const query = new URLSearchParams({chars: hex(codepoints), ...tuning});
    const {answer, body} = await request(`/api/font?${query}`, {}, "arrayBuffer");
    if (!answer.ok) {
      this.line.textContent = translate(JSON.parse(new TextDecoder().decode(body)).error);
      return false;
    }
    const lacking = new Set((answer.headers.get("X-Missing") || "").split(".")
      .filter(Boolean).map((part) => parseInt(part, 16)));
    const here = codepoints.filter((c) => !lacking.has(c));
    this.lack([...lacking]);
    if (!here.length) return true;
    const range = here.map((c) => `U+${c.toString(16)}`).join(", ");
    const face = new FontFace(FAMILY, body, {unicodeRange: range});
    await face.load();
    if (tuning !== this.tuning) return true;    // another came meanwhile
    document.fonts.add(face);     // of two faces with a character the later counts
    this.faces.push({face, codepoints: new Set(here)});
    for (const c of here) this.state.set(c, "have");
    this.forget(new Set(here));
    return true;
  }

  lack(codepoints) { for (const c of codepoints) this.state.set(c, "lacks"); }

  /** Drop older faces of which every character came again. */
  forget(fresh) {
    const last = this.faces.at(-1);
    this.faces = this.faces.filter((entry) => {
      if (entry !== last) for (const c of fresh) entry.codepoints.delete(c);
      if (entry.codepoints.size) return true;
      document.fonts.delete(entry.face);
      return false;
    });
  }

  show() {
    const parts = [];
    const lacking = new Set();
    for (const c of this.text) {
      const codepoint = c.codePointAt(0);
      if (this.state.get(codepoint) === "lacks") {
        const mark = document.createElement("span");
        mark.className = "lacks";
        mark.title = t("type.lacks-one", {char: c});
        mark.textContent = c;
        parts.push(mark);
        lacking.add(codepoint);
      } else if (typeof parts.at(-1) === "string") parts.push(parts.pop() + c);
      else parts.push(c);
    }
    this.place.replaceChildren(...parts);
    const listed = [...lacking].slice(0, 30).map(char).join("");
    this.line.textContent = lacking.size ? t("type.lacks", {n: lacking.size, chars: listed}) : "";
    this.place.dataset.ready = String(![...this.text].some((c) => c.trim() && !this.state.has(c.codePointAt(0))));
  }
}

/** The typing of a page that has its controls (templates/typing.html). */
export function typingHere() {
  const typing = new Typing($("set"), $("lacking"));
  const typed = () => typing.set($("text").value, Number($("text-size").value));
  let timer = 0;
  $("text").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(typed, 150); });
  $("text-choice").addEventListener("change", (event) => { $("text").value = event.target.value; typed(); });
  $("text-size").addEventListener("input", typed);
  for (const radio of document.querySelectorAll("input[name=direction]")) {
    radio.addEventListener("change", () => {
      $("set").classList.toggle("vertical", radio.value === "vertical");
    });
  }
  listen("drawn", (codepoints) => typing.changed(codepoints));
  typed();
  return typing;
}
