// A brush over a drawing: what is painted is drawn anew by the model, or only erased.

import {t} from "./page.js";
import {Pen} from "./pen.js";

const SIDE = 512, STEP = 16;
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

export class Brush extends Pen {
  /** `kept` is called with the codepoint, a PNG of what was painted, and `repaint` or `erase`. */
  constructor(place, kept) {
    super(place, kept);
    place.classList.add("brush");
    this.colour = getComputedStyle(place).getPropertyValue("--accent") || "#a3241b";
    this.at_keys = null;                    // where the keys are, once they are used
    const hint = document.createElement("p");
    hint.className = "quiet";
    hint.textContent = t("brush.keys");
    const label = document.createElement("label");
    label.textContent = t("brush.width");
    this.width = Object.assign(document.createElement("input"),
      {type: "range", min: 16, max: 160, step: 8, value: 56});
    label.append(this.width);
    this.paper.after(hint, label);
    this.canvas.addEventListener("keydown", (event) => this.pressed(event));
    this.canvas.addEventListener("keyup", (event) => { if (event.key === " ") this.stroke = null; });
    this.canvas.addEventListener("blur", () => { this.stroke = this.at_keys = null; this.paint(); });
  }

  buttons() {
    const repaint = this.button("brush.repaint", () => this.keep("repaint"));
    repaint.classList.add("main");
    return [this.button("pen.undo", () => this.undo()), this.button("pen.clear", () => this.clear()),
      this.button("brush.erase", () => this.keep("erase")), repaint];
  }

  title(char) { return t("brush.paint", {char}); }

  at(event) { return [...super.at(event).slice(0, 2), Number(this.width.value)]; }

  pressed(event) {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== " ") return;
    event.preventDefault();
    const [x, y] = this.at_keys ?? [SIDE / 2, SIDE / 2];
    const [right, down] = arrow ?? [0, 0];
    const inside = (value) => Math.min(Math.max(value, 0), SIDE);
    this.at_keys = [inside(x + right * STEP), inside(y + down * STEP)];
    if (event.key === " " && !event.repeat) this.strokes.push(this.stroke = []);
    this.stroke?.push([...this.at_keys, Number(this.width.value)]);
    this.paint();
  }

  paint(background = null) {
    super.paint(background);
    if (background || !this.at_keys) return;
    const pen = this.canvas.getContext("2d");
    pen.lineWidth = 3;
    pen.strokeStyle = "#000";
    pen.beginPath();
    pen.arc(...this.at_keys, Number(this.width.value) / 2, 0, 7);
    pen.stroke();
  }
}
