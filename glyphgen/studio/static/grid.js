// Thousands of glyphs in a listbox that scrolls: only the chunks near the view are in the page, each
// one picture of whole rows with marks over it. What is picked is the listbox's one option.

import {char, hex, t} from "./page.js";

const CELL = 64, ROWS = 6, MOST = 256;      // pixels; of a chunk; glyphs a picture may have
const BEYOND = 400;                         // pixels above and below the view that are kept ready
const SETTLED = 90;                         // ms without scrolling until pictures are asked for
const SIZES = [64, 96, 128];
const MARKS = {doubtful: "?", locked: "🔒", replaced: "✎", mine: "✓"};

export class Grid {
  /** `place` is the listbox; `opened(codepoint)` is told of Enter and clicks, `picked` of moves. */
  constructor(place, {picked = () => {}, opened = () => {}} = {}) {
    Object.assign(this, {place, picked, opened, rows: [], redone: new Set(), index: -1});
    this.version = Date.now();
    this.where = new Map();                 // codepoint to its index
    this.chunks = new Map();                // number to its box
    this.sheet = box("sheet");
    this.cursor = box("cursor");
    this.cursor.role = "option";
    this.cursor.ariaSelected = "true";
    place.replaceChildren(this.sheet);
    place.addEventListener("scroll", () => this.soon(), {passive: true});
    place.addEventListener("click", (event) => {
      const index = this.at(event);
      if (index >= 0) { this.pick(index); this.opened(this.picks); }
    });
    place.addEventListener("keydown", (event) => this.pressed(event));
    new ResizeObserver(() => this.arrange()).observe(place);
  }

  /** The codepoint that is picked, or null. */
  get picks() { return this.rows[this.index]?.[0] ?? null; }

  /** Show [codepoint, state, ...] rows; what is picked stays so where it is still there. */
  show(rows, redone = this.redone) {
    const kept = this.picks;
    this.rows = rows;
    this.redone = redone;
    this.where = new Map(rows.map(([codepoint], index) => [codepoint, index]));
    this.index = this.where.get(kept) ?? -1;
    this.columns = 0;
    this.arrange();
  }

  /** The same glyphs, of which `changed` were drawn anew or are in another state; nothing moves. */
  renew(rows, redone, changed) {
    this.version = Date.now();
    this.rows = rows;
    this.redone = redone;
    for (const chunk of this.chunks.values()) {
      const held = rows.slice(chunk.start, chunk.end);
      chunk.stale ||= held.some(([codepoint]) => changed.has(codepoint));
      this.mark(chunk);
    }
    this.label();
    this.fill();
  }

  arrange() {
    const columns = Math.max(1, Math.floor(this.sheet.clientWidth / CELL));
    if (columns === this.columns) return this.soon();
    this.columns = columns;
    this.size = columns * Math.max(1, Math.min(ROWS, Math.floor(MOST / columns)));
    this.sheet.style.height = `${Math.ceil(this.rows.length / columns) * CELL}px`;
    for (const number of this.chunks.keys()) this.drop(number);
    this.label();
    this.soon();
  }

  soon() {
    this.moved = performance.now();
    this.frame ??= requestAnimationFrame(() => { this.frame = undefined; this.scrolled(); });
  }

  /** Put chunks in and out; their pictures wait until the scrolling rests. */
  scrolled() {
    const tall = this.size / this.columns * CELL;
    const top = this.place.scrollTop, last = Math.ceil(this.rows.length / this.size) - 1;
    const first = Math.max(0, Math.floor((top - BEYOND) / tall));
    const end = Math.min(last, Math.floor((top + this.place.clientHeight + BEYOND) / tall));
    for (const number of this.chunks.keys()) if (number < first || number > end) this.drop(number);
    for (let number = first; number <= end; number++) if (!this.chunks.has(number)) this.add(number, tall);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.fill(), this.shown ? SETTLED : 0);
  }

  add(number, tall) {
    const chunk = box("chunk");
    chunk.stale = true;
    chunk.start = number * this.size;
    chunk.end = Math.min(chunk.start + this.size, this.rows.length);
    chunk.style.top = `${number * tall}px`;
    this.chunks.set(number, chunk);
    this.mark(chunk);
    this.sheet.append(chunk);
  }

  drop(number) {
    const chunk = this.chunks.get(number);
    if (chunk.coming) chunk.coming.src = "";            // not wanted any more
    chunk.remove();
    this.chunks.delete(number);
  }

  /** The pictures of the chunks that lack them, those in view first. */
  fill() {
    const middle = this.place.scrollTop + this.place.clientHeight / 2;
    const lacking = [...this.chunks.values()].filter((chunk) => chunk.stale)
      .sort((a, b) => Math.abs(a.offsetTop - middle) - Math.abs(b.offsetTop - middle));
    for (const chunk of lacking) this.paint(chunk);
  }

  paint(chunk) {
    chunk.stale = false;
    const size = SIZES.find((each) => each >= CELL * devicePixelRatio) ?? SIZES.at(-1);
    const chars = hex(this.rows.slice(chunk.start, chunk.end).map(([codepoint]) => codepoint));
    const picture = new Image(CELL * Math.min(this.columns, chunk.end - chunk.start));
    picture.alt = "";
    picture.decoding = "async";
    chunk.coming = picture;
    picture.addEventListener("load", () => {
      if (chunk.coming !== picture) return;
      chunk.picture?.remove();
      chunk.picture = picture;
      chunk.coming = null;
      chunk.prepend(picture);
      if (this.shown) return;
      this.shown = true;
      this.place.dataset.ready = "true";
      performance.mark("glyphs-shown");
    });
    picture.src = `/api/glyphs/sprite.png?${new URLSearchParams(
      {size, columns: this.columns, chars, v: this.version})}`;
  }

  mark(chunk) {
    const marks = [];
    for (let index = chunk.start; index < chunk.end; index++) {
      const [codepoint, state] = this.rows[index];
      const words = MARKS[state] ?? (this.redone.has(codepoint) ? "↻" : "");
      if (!words) continue;
      const mark = box(`mark ${state}`);
      mark.textContent = words;
      mark.dataset.char = char(codepoint);
      mark.ariaHidden = "true";
      this.set(mark, index - chunk.start);
      marks.push(mark);
    }
    chunk.replaceChildren(...(chunk.picture ? [chunk.picture] : []), ...marks);
  }

  set(cell, index) {
    cell.style.transform =
      `translate(${index % this.columns * CELL}px, ${Math.floor(index / this.columns) * CELL}px)`;
  }

  at(event) {
    const inside = this.sheet.getBoundingClientRect();
    const column = Math.floor((event.clientX - inside.left) / CELL);
    const index = Math.floor((event.clientY - inside.top) / CELL) * this.columns + column;
    return column >= 0 && column < this.columns && index >= 0 && index < this.rows.length ? index : -1;
  }

  /** Pick by place and bring it into view. */
  pick(index) {
    if (!this.rows.length) return;
    this.index = Math.min(Math.max(index, 0), this.rows.length - 1);
    this.label();
    this.cursor.scrollIntoView({block: "nearest"});
    this.picked(this.picks);
  }

  label() {
    if (this.index < 0) {
      this.cursor.remove();
      this.place.removeAttribute("aria-activedescendant");
      return;
    }
    const [codepoint, state] = this.rows[this.index];
    this.cursor.id = `glyph-${this.index}`;
    this.cursor.ariaLabel = `${char(codepoint)}, ${t(`state.${state}`)}`;
    this.cursor.ariaPosInSet = String(this.index + 1);
    this.cursor.ariaSetSize = String(this.rows.length);
    this.set(this.cursor, this.index);
    if (!this.cursor.parentNode) this.sheet.append(this.cursor);
    this.place.setAttribute("aria-activedescendant", this.cursor.id);
  }

  pressed(event) {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    const page = Math.max(1, Math.floor(this.place.clientHeight / CELL) - 1) * this.columns;
    const steps = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns,
      PageDown: page, PageUp: -page, Home: -this.rows.length, End: this.rows.length};
    if (event.key === "Enter" && this.picks !== null) this.opened(this.picks);
    else if (event.key in steps) this.pick(this.index + steps[event.key]);
    else return;
    event.preventDefault();
  }
}

function box(name) {
  const made = document.createElement("div");
  made.className = name;
  return made;
}
