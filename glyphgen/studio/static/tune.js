import {$, doing, listen, post, t} from "./page.js";
import {typingHere} from "./typing.js";

const sliders = [...document.querySelectorAll("#tune input[type=range]")];
const units = {weight: "tune.units", looseness: "tune.percent", slant: "tune.degrees", size: "tune.percent", spacing: "tune.units"};

function values() { return Object.fromEntries(sliders.map((each) => [each.name, Number(each.value)])); }

function tell() {
  for (const {name, value} of sliders) {
    const n = name === "size" ? Math.round(value * 100) : Number(value);
    $(`out-${name}`).textContent = t(units[name], {n: `${n > 0 && name !== "size" ? "+" : ""}${n}`});
  }
}

const keep = doing(() => post("/api/tuning", values()));
for (const slider of sliders) {
  slider.addEventListener("input", () => { tell(); typing.retune(values()); });
  slider.addEventListener("change", keep);
}
$("tune").addEventListener("submit", (event) => event.preventDefault());
$("usual").addEventListener("click", () => {
  for (const slider of sliders) slider.value = slider.dataset.usual;
  tell();
  typing.retune(values());
  keep();
});
const typing = typingHere();
listen("tuned", (tuning) => {                   // perhaps in another tab
  if (sliders.every(({name, value}) => Number(value) === tuning[name])) return;
  for (const slider of sliders) slider.value = tuning[slider.name];
  tell();
  typing.retune(values());
});
tell();
