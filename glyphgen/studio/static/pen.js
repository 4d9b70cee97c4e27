// A sheet of paper for one character: pen pressure, undo, the character shown faintly.

import {char, hex, t} from "./page.js";

const SIDE = 512;

export class Pen {
  /** `kept` is called with the codepoint and a PNG; `skipped` where the person goes on. */
  constructor(place, kept, skipped) {
    this.place = place;
    Object.assign(this, {kept, skipped, colour: "#000"});
    this.strokes = [];
    place.classList.add("pen");
    this.next = document.createElement("p");
    this.next.className = "next";
    this.paper = document.createElement("div");
    this.paper.className = "paper";
    this.faint = document.createElement("img");
    this.faint.alt = "";
    this.canvas = document.createElement("canvas");
    this.canvas.width = this.canvas.height = SIDE;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.paper.append(this.faint, this.canvas);
    const row = document.createElement("div");
    row.className = "row";
    row.append(...this.buttons());
    place.replaceChildren(this.next, this.paper, row);
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(end, () => { this.stroke = null; });
    }
    this.canvas.addEventListener("keydown", (event) => {
      if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.undo();
    });
  }

  buttons() {
    const keep = this.button("pen.keep", () => this.keep());
    keep.classList.add("main");
    return [this.button("pen.undo", () => this.undo()), this.button("pen.clear", () => this.clear()),
      ...(this.skipped ? [this.button("pen.skip", () => this.skipped())] : []), keep];
  }

  title(char) { return t("pen.write", {char}); }

  button(key, pressed) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = t(key);
    button.addEventListener("click", pressed);
    return button;
  }

  show(codepoint, guide = `/api/content.png?chars=${hex([codepoint])}`) {
    this.codepoint = codepoint;
    this.next.textContent = this.title(char(codepoint));
    this.canvas.setAttribute("aria-label", this.next.textContent);
    this.faint.src = guide;
    this.clear();
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const press = event.pointerType === "pen" && event.pressure ? event.pressure : 0.5;
    return [(event.clientX - box.left) / box.width * SIDE,
      (event.clientY - box.top) / box.height * SIDE, 8 + 16 * press];
  }

  down(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.stroke = [this.at(event)];
    this.strokes.push(this.stroke);
    this.paint();
  }

  move(event) {
    if (!this.stroke) return;
    const parts = event.getCoalescedEvents?.() ?? [];
    for (const part of parts.length ? parts : [event]) this.stroke.push(this.at(part));
    this.paint();
  }

  undo() { this.strokes.pop(); this.paint(); }
  clear() { this.strokes = []; this.paint(); }

  paint(background = null) {
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, SIDE, SIDE);
    if (background) { pen.fillStyle = background; pen.fillRect(0, 0, SIDE, SIDE); }
    pen.strokeStyle = pen.fillStyle = background ? "#000" : this.colour;
    pen.lineCap = "round";
    for (const stroke of this.strokes) {
      const [x, y, width] = stroke[0];
      pen.beginPath(); pen.arc(x, y, width / 2, 0, 7); pen.fill();
      for (let i = 1; i < stroke.length; i++) {
        pen.lineWidth = (stroke[i - 1][2] + stroke[i][2]) / 2;
        pen.beginPath(); pen.moveTo(stroke[i - 1][0], stroke[i - 1][1]);
        pen.lineTo(stroke[i][0], stroke[i][1]); pen.stroke();
      }
    }
  }

  async keep(...more) {
    this.paint("#fff");
    const picture = await new Promise((done) => { this.canvas.toBlob(done, "image/png"); });
    this.paint();
    await this.kept(this.codepoint, picture, ...more);
  }
}
