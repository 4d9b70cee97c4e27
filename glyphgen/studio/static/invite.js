// The code of the phone's page: shown while a device may use it, and what ends it all.

import {$, ask, doing, duration, listen, post, t} from "./page.js";

let clock = 0, codes = 0;
// the answer is shown too: an event that comes before the page listens is not heard
const change = async (op, more = {}) => show(await post("/api/phone", {op, ...more}));

function show(status) {
  clearInterval(clock);
  $("invite-off").hidden = status.on;
  $("invite-on").hidden = !status.on;
  $("invite-lead").hidden = status.on;
  if (!status.on) { choose(status.addresses); return; }
  const until = new Date(status.until * 1000);
  $("invite-where").textContent = t("invite.listening", {
    address: status.address, until: until.toLocaleTimeString(document.documentElement.lang, {timeStyle: "short"})});
  const good = performance.now() + status.code * 1000;
  const tick = () => {
    const left = Math.max(0, good - performance.now()) / 1000;
    $("invite-code").hidden = left <= 0;
    $("invite-line").textContent = [
      status.devices ? t("invite.devices", {n: status.devices}) : "",
      left > 0 ? t("invite.scan", {time: duration(left)}) : t("invite.spent")].filter(Boolean).join(" ");
    if (left <= 0) clearInterval(clock);
  };
  if (status.code > 0) $("invite-code").src = `/api/phone/code.svg?v=${codes += 1}`;
  tick();
  clock = setInterval(tick, 1000);
}

/** Several networks are there: the person says which. */
function choose(addresses) {
  const several = addresses.length > 1;
  $("invite-address").hidden = document.querySelector("label[for=invite-address]").hidden = !several;
  $("invite-address").replaceChildren(...addresses.map((address) => new Option(address)));
}

const begin = doing(() => change("begin", {address: $("invite-address").value}));
$("invite-begin").addEventListener("click", begin);
$("invite-again").addEventListener("click", doing(() => change("begin")));
$("invite-end").addEventListener("click", doing(() => change("end")));
listen("phone", show);
doing(async () => {
  const status = await ask("/api/phone");
  show(status);
  if (status.asked) begin();
})();
