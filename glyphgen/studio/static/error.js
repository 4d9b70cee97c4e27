import {$, translate} from "./page.js";

$("cause").textContent = translate(JSON.parse($("cause").dataset.said));
