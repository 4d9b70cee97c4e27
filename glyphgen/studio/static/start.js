import {$, ask, count, doing, duration, post, remember, remembered, t} from "./page.js";

const form = $("new");
const boxes = [...form.querySelectorAll("input[name=charset]")];

function spec() {
  const named = boxes.filter((box) => box.checked).map((box) => box.value);
  const own = $("own-text").value.trim().replaceAll(",", "");
  return [...named, ...(own ? [own] : [])].join(",");
}

let rate = Number(remembered("rate"));          // as measured here the last time

const counted = doing(async () => {
  const charset = spec();
  $("charset-line").textContent = charset.replaceAll(",", ", ") || t("start.nothing");
  $("charset-count").textContent = "";
  if (!charset) return;
  const query = new URLSearchParams({charset, region: $("region").value});
  const found = await ask(`/api/count?${query}`);
  $("charset-count").textContent = t("start.count", {
    asked: count(found.asked), known: count(found.known)});
  if (rate > 0) {
    $("charset-count").textContent += ` · ${t("start.time", {time: duration(found.known / rate)})}`;
  }
});

function regionChosen() {
  const names = $("region").selectedOptions[0].dataset.charset.split(",");
  for (const box of boxes) box.checked = names.includes(box.value);
  $("sheet-chars").textContent = $("region").selectedOptions[0].dataset.chars;
  $("sheet-chars").lang = {cn: "zh-Hans", tw: "zh-Hant", hk: "zh-Hant-HK", jp: "ja", kr: "ko"}[$("region").value];
  for (const paper of ["a4", "letter"]) {
    $(`sheet-${paper}`).href = `/api/sheet.pdf?region=${$("region").value}&paper=${paper}`;
  }
  counted();
}

$("region").addEventListener("change", regionChosen);
for (const box of boxes) box.addEventListener("change", counted);
$("own-text").addEventListener("change", counted);
const guess = {"zh-Hans": "cn", "zh-Hant": "tw", ja: "jp", ko: "kr"}[document.documentElement.lang];
if (guess) $("region").value = guess;
regionChosen();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  doing(async () => {
    await post("/api/project/new", {name: $("name").value, region: $("region").value,
      charset: spec(), family: $("family").value});
    location.assign("/samples");
  })();
});
for (const button of document.querySelectorAll("[data-open]")) {
  button.addEventListener("click", doing(async () => {
    await post("/api/project/open", {name: button.dataset.open});
    location.assign("/samples");
  }));
}
if (!(rate > 0)) {
  doing(async () => {
    rate = (await ask("/api/speed")).rate;
    remember("rate", rate.toFixed(2));
    counted();
  })();
}
