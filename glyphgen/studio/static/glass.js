// Paper of glass for one character: strokes as points with pressure, time and tilt, as the project
// keeps them (glyphgen/project/strokes.py). Ink is on the screen when the event has been heard.

const FULL = 128 * 256;         // units along the canvas
const LIGHT = 1 / 128, HARD = 3 / 128;      // half-widths, of the canvas: as glyphgen/hand/glass.py has them
const MOST = 19000;             // points of a character
const PEN_STAYS = 30000;        // milliseconds that fingers are ignored for after the pen

export class Glass {
  /** `changed` is called when a stroke begins or goes. */
  constructor(place, changed) {
    this.changed = changed;
    this.strokes = [];          // each a list of [x, y, pressure, time, tilt x, tilt y]
    this.ink = document.createElement("canvas");
    this.wet = document.createElement("canvas");     // the end of the line, and where it will go
    // Chromium then gives each point as an event of its own, where it has no getCoalescedEvents
    this.ink.getContext("2d", {desynchronized: true});
    this.ink.tabIndex = 0;
    this.ink.setAttribute("role", "img");
    place.append(this.ink, this.wet);
    this.lastPen = -Infinity;
    this.ink.addEventListener("pointerdown", (event) => this.down(event));
    this.ink.addEventListener("pointermove", (event) => this.move(event));
    this.ink.addEventListener("pointerup", (event) => this.up(event));
    this.ink.addEventListener("pointercancel", (event) => this.cancel(event));
    this.ink.addEventListener("contextmenu", (event) => event.preventDefault());
    // Safari still scrolls and selects for a finger unless this is said no to
    this.ink.addEventListener("touchstart", (event) => event.preventDefault(), {passive: false});
    new ResizeObserver(() => this.fit()).observe(place);
  }

  fit() {
    const side = Math.round(this.ink.clientWidth * devicePixelRatio);
    if (!side || side === this.ink.width) return;
    for (const canvas of [this.ink, this.wet]) canvas.width = canvas.height = side;
    this.paint();
  }

  /** Whether this is a hand that rests beside the pen. */
  palm(event) {
    if (event.pointerType === "pen") this.lastPen = event.timeStamp;
    return event.pointerType === "touch" && event.timeStamp - this.lastPen < PEN_STAYS;
  }

  point(event) {
    const box = this.box;
    const inside = (share) => Math.min(FULL, Math.max(0, Math.round(share * FULL)));
    const pressed = event.pointerType === "pen" && event.pressure ? event.pressure : 0.5;
    const last = this.strokes.at(-1)?.at(-1)?.[3] ?? 0;
    this.began ??= event.timeStamp;
    return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height),
      Math.round(1000 * pressed), Math.min(3600000, Math.max(last, Math.round(event.timeStamp - this.began))),
      Math.round(event.tiltX || 0), Math.round(event.tiltY || 0)];
  }

  down(event) {
    if (event.button !== 0 || this.palm(event)) return;
    if (this.pointer !== undefined) {
      if (event.pointerType !== "pen" || this.kind === "pen") return;     // a second finger
      this.strokes.pop();                     // the palm lay down before the pen did
      this.paint();
    }
    this.ink.setPointerCapture(event.pointerId);
    [this.pointer, this.kind] = [event.pointerId, event.pointerType];
    this.box = this.ink.getBoundingClientRect();
    this.strokes.push([]);
    this.add([this.point(event)]);
    this.changed();
  }

  move(event) {
    if (this.palm(event) || event.pointerId !== this.pointer) return;
    const parts = event.getCoalescedEvents?.() ?? [];
    this.add((parts.length ? parts : [event]).map((part) => this.point(part)));
    this.ahead((event.getPredictedEvents?.() ?? []).map((part) => this.point(part)));
  }

  up(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = undefined;
    this.paint();                               // with its very end, which was wet until now
  }

  cancel(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = undefined;
    this.strokes.pop();
    this.paint();
    this.changed();
  }

  add(points) {
    const stroke = this.strokes.at(-1);
    if (this.strokes.reduce((all, one) => all + one.length, points.length) > MOST) return;
    const from = stroke.length;
    stroke.push(...points);
    this.draw(this.ink.getContext("2d"), stroke, Math.max(0, from - 1), false);
    this.ahead([]);
  }

  /** The line's end and what the browser thinks comes next, until the next event says better. */
  ahead(points) {
    const pen = this.wet.getContext("2d");
    pen.clearRect(0, 0, this.wet.width, this.wet.height);
    const stroke = this.strokes.at(-1);
    if (stroke && this.pointer !== undefined) this.draw(pen, [...stroke.slice(-2), ...points], 0, true);
  }

  /** A stroke from a point on: it bends around points, from halfway to halfway; `whole` to its end. */
  draw(pen, stroke, from, whole) {
    const side = this.ink.width;
    const at = (i) => stroke[i].slice(0, 2).map((share) => share / FULL * side);
    const wide = (i) => 2 * side * (LIGHT + (HARD - LIGHT) * stroke[i][2] / 1000);
    const half = (i) => at(i).map((value, k) => (value + at(i + 1)[k]) / 2);
    pen.strokeStyle = pen.fillStyle = "#000";
    pen.lineCap = pen.lineJoin = "round";
    if (from === 0) {
      pen.beginPath(); pen.arc(...at(0), wide(0) / 2, 0, 7); pen.fill();
    }
    for (let i = from; i < stroke.length; i++) {
      const first = i === 0, last = i === stroke.length - 1;
      if (last && (!whole || first)) break;
      pen.lineWidth = wide(i);
      pen.beginPath();
      pen.moveTo(...(first ? at(0) : half(i - 1)));
      if (first) pen.lineTo(...half(0));
      else if (last) pen.lineTo(...at(i));
      else pen.quadraticCurveTo(...at(i), ...half(i));
      pen.stroke();
    }
  }

  paint() {
    const pen = this.ink.getContext("2d");
    pen.clearRect(0, 0, this.ink.width, this.ink.height);
    for (const stroke of this.strokes) this.draw(pen, stroke, 0, true);
    this.ahead([]);
  }

  undo() { this.put(this.strokes.slice(0, -1)); }

  /** Put strokes in place of what is there. */
  put(strokes) {
    this.strokes = strokes;
    this.pointer = undefined;
    if (!strokes.length) this.began = undefined;
    this.paint();
    this.changed();
  }
}
