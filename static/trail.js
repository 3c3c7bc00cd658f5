// The pictures that one came through on this visit, in the order in which they were first seen.
import { visit } from "./memory.js";

const MOST = 12;

export function showTrail() {
  const row = document.querySelector(".trail ol");
  if (!row) return;
  const model = row.firstElementChild;
  const here = told(model);
  remember(here);
  fill(row, model, here);
  // A page that the browser kept as it was does not know of the pictures seen since.
  window.addEventListener("pageshow", (event) => event.persisted && fill(row, model, here));
}

function told(item) {
  const image = item.querySelector("img");
  const path = item.querySelector("a").pathname;
  return { path, source: image.src, title: image.alt, width: image.width, height: image.height };
}

function seen() {
  return visit.get("trail") ?? [];
}

function remember(here) {
  if (seen().some((each) => each.path === here.path)) return;
  visit.set("trail", [...seen(), here].slice(-MOST));
}

function fill(row, model, here) {
  const items = seen().map((each) => item(model, each, each.path === here.path));
  row.replaceChildren(...items);
  const current = row.querySelector("[aria-current]");
  if (current) row.scrollLeft += middle(current) - middle(row);
}

function middle(element) {
  const { x, width } = element.getBoundingClientRect();
  return x + width / 2;
}

function item(model, picture, isHere) {
  const made = model.cloneNode(true);
  const link = made.querySelector("a");
  const image = made.querySelector("img");
  link.href = picture.path;
  link.ariaCurrent = isHere ? "page" : null;
  link.title = picture.title;
  Object.assign(image, { alt: picture.title, width: picture.width, height: picture.height });
  image.addEventListener("error", () => forget(made, picture));
  image.src = picture.source;
  return made;
}

// It was taken out of the gallery meanwhile.
function forget(made, picture) {
  made.remove();
  visit.set("trail", seen().filter((each) => each.path !== picture.path));
}
