// Other drawings of one glyph, side by side: asked for, drawn by the worker, picked.

import {doing, listen, post, t} from "./page.js";

export class Candidates {
  /** `place` gets one button a candidate. */
  constructor(place) {
    this.place = place;
    this.codepoint = null;                  // whose candidates they are
    this.wanted = null;                     // which glyph is on show
    listen("job", (job) => {
      if (job.kind !== "candidates") return;
      place.ariaBusy = String(job.state === "running");
      if (job.state === "done" && job.began !== this.began) this.offer(job);
    });
  }

  /** Show what there is of a glyph. */
  show(codepoint) {
    this.wanted = codepoint;
    this.place.hidden = this.codepoint !== codepoint;
  }

  get open() { return !this.place.hidden && this.place.childElementCount > 0; }

  ask = doing((codepoint) => post("/api/candidates", {chars: [codepoint]}));

  offer({began, result: {codepoint, scores}}) {
    Object.assign(this, {began, codepoint});
    const lead = document.createElement("p");
    lead.className = "quiet";
    lead.textContent = t("one.candidates-lead");
    this.buttons = scores.map((score, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.ariaLabel = t("one.candidate", {n: index + 1, score: score.toFixed(2)});
      button.ariaPressed = "false";
      button.dataset.number = index + 1;
      const picture = document.createElement("i");
      picture.style.backgroundImage = `url("/api/candidates.png?v=${began}")`;
      picture.style.backgroundSize = `${scores.length * 100}% 100%`;
      picture.style.backgroundPosition = `${index / Math.max(scores.length - 1, 1) * 100}% 0`;
      button.append(picture);
      button.addEventListener("click", () => this.pick(index));
      return button;
    });
    this.place.replaceChildren(lead, ...this.buttons);
    this.show(this.wanted);
    if (this.open) this.place.scrollIntoView({block: "nearest"});
  }

  pick = doing(async (index) => {
    if (!this.open || !this.buttons[index]) return;
    await post("/api/candidates/pick", {chars: [this.codepoint], candidate: index});
    for (const [number, button] of this.buttons.entries()) button.ariaPressed = String(number === index);
  });
}
