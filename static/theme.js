// Light, dark, or as the system has it. early.js applies what is chosen here.
import { always } from "./memory.js";

export function offerThemes() {
  const choices = document.querySelectorAll("input[name=theme]");
  const show = () => {
    const chosen = always.get("theme") ?? "system";
    for (const each of choices) each.checked = each.value === chosen;
  };
  for (const each of choices) each.addEventListener("change", () => choose(each.value));
  for (const occasion of ["storage", "pageshow"]) window.addEventListener(occasion, show);
  show();
}

function choose(theme) {
  always.set("theme", theme === "system" ? null : theme);
  window.dispatchEvent(new Event("theme"));
}
