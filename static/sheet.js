// The sheet that tells the keys, and the switch on it that turns them off (WCAG 2.1.4).
import { always } from "./memory.js";

const sheet = document.querySelector("#keys");

export function offerSheet() {
  document.querySelector("#open-keys").addEventListener("click", openSheet);
  const lever = sheet.querySelector("#shortcuts");
  lever.checked = keysAreOn();
  lever.addEventListener("change", () => always.set("keys", lever.checked));
}

export function openSheet() {
  sheet.querySelector("#shortcuts").checked = keysAreOn();
  sheet.showModal();
  // Not on the switch, which a stray space would turn.
  sheet.querySelector("button").focus();
}

export function keysAreOn() {
  return always.get("keys") ?? true;
}
