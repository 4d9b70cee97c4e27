// Typed text set in the font: each character that was not seen yet comes in a small font of its
// own, joined to the others by unicode-range.

import {$, char, doing, hex, listen, request, t, translate} from "./page.js";

const FAMILY = "hand";
const MOST = 400;       // characters of one request
const COMPATIBILITY = /[^\uF900-\uFAFF\u{2F800}-\u{2FA1F}]+/gu;

/** As `preview --text` takes it: letters and their marks in one, compatibility ideographs kept. */
const composed = (text) => text.replace(COMPATIBILITY, (part) => part.normalize("NFC"));

// letters and quotes come in one font, whatever came before: they kern and change with each other
const inWord = (c) => c < 0x250 || (c >= 0x2018 && c <= 0x201D);

export class Typing {
  constructor(place, line) {
    this.place = place;
    this.line = line;
    this.faces = [];            // {face, codepoints}
    this.state = new Map();     // codepoint: "have" | "lacks"
    this.drafts = new Set();    // codepoints whose outlines come anew when the tracer is there
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
    this.text = composed(text);
    this.place.style.fontSize = `${size}px`;
    this.place.style.fontFamily = `${FAMILY}, sans-serif`;
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

  /** The tracer is there: drafts become what the font will have. */
  traced() {
    const drafts = [...this.drafts];
    this.drafts.clear();
    this.changed(drafts);
  }

  fetch() { doing(() => this.fill())(); }

  async fill() {
    if (this.busy) return;
    this.busy = true;
    try {
      for (;;) {
        const typed = [...new Set([...this.text].filter((c) => c.trim()).map((c) => c.codePointAt(0)))];
        const fresh = typed.filter((c) => !this.state.has(c)).slice(0, MOST);
        const words = fresh.some(inWord) ? typed.filter((c) => inWord(c) && this.state.get(c) !== "lacks") : [];
        const needed = [...new Set([...fresh, ...words])].slice(0, MOST);
        if (!fresh.length) break;
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
    const draft = answer.headers.get("X-Draft") === "1";
    for (const c of here) {
      this.state.set(c, "have");
      if (draft) this.drafts.add(c);
      else this.drafts.delete(c);
    }
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

  /** Whether an older drawing stands until the new one comes. */
  old(codepoint) { return this.faces.some((entry) => entry.codepoints.has(codepoint)); }

  show() {
    const parts = [];
    const lacking = new Set();
    let coming = 0;
    for (const c of this.text) {
      const codepoint = c.codePointAt(0);
      const state = this.state.get(codepoint) ?? (this.old(codepoint) ? "have" : "coming");
      if (c.trim() && state !== "have") {
        const mark = document.createElement("span");
        mark.className = state;
        mark.title = state === "lacks" ? t("type.lacks-one", {char: c}) : t("type.coming-one", {char: c});
        mark.textContent = c;
        parts.push(mark);
        if (state === "lacks") lacking.add(codepoint);
        else coming += 1;
      } else if (typeof parts.at(-1) === "string") parts.push(parts.pop() + c);
      else parts.push(c);
    }
    this.place.replaceChildren(...parts);
    const listed = [...lacking].slice(0, 30).map(char).join("");
    this.line.textContent = coming ? t("type.coming", {n: coming})
      : lacking.size ? t("type.lacks", {n: lacking.size, chars: listed}) : "";
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
  listen("traced", () => typing.traced());
  typed();
  return typing;
}
