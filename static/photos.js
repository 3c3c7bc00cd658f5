// Photos that are chosen, taken, dropped anywhere on the page or pasted go through the page's own
// form, so the browser sends them as it would without scripts.

import { carriesTile } from "./tiles.js";
import { keep, photosOf } from "./kept.js";

const told = document.body.dataset;
const most = Number(told.most);

export function acceptPhotos() {
  const form = document.querySelector("form.adding, form.search") ?? emptyForm();
  for (const each of document.querySelectorAll("form.search, form.asking:has([name=image])")) accept(each);
  for (const each of document.querySelectorAll("form.by-address")) announce(each);
  acceptDrops(form);
  document.addEventListener("paste", (event) => take(form, event.clipboardData));
}

function accept(form) {
  const input = form.querySelector("[name=image]");
  input.addEventListener("change", () => send(form));
  form.addEventListener("submit", (event) => submit(form, event));
  // Coming back, the page must not still say that it is searching.
  window.addEventListener("pageshow", () => {
    delete form.dataset.kept;
    tell(form, "");
  });
}

function announce(form) {
  form.addEventListener("submit", () => tell(form, told.searching, "busy"));
  window.addEventListener("pageshow", () => tell(form, ""));
}

// The photos are put aside before the page is left, so that the next one can send them again.
async function submit(form, event) {
  tell(form, sending([...form.querySelector("[name=image]").files]), "busy");
  if (form.dataset.kept) return;
  event.preventDefault();
  const { submitter } = event;
  await keep(nextPhotos(form, submitter?.value ?? ""), form, submitter);
  form.dataset.kept = "yes";
  form.requestSubmit(submitter);
}

// The photos in the order in which the server will list them.
function nextPhotos(form, pressed) {
  const held = photosOf(form);
  const removed = pressed.match(/^remove-(\d+)$/);
  if (removed) held.splice(Number(removed[1]), 1);
  return [...held, ...form.querySelector("[name=image]").files];
}

function acceptDrops(form) {
  const carriesFile = (event) => event.dataTransfer?.types.includes("Files") && !carriesTile(event);
  const mark = (on) => document.body.classList.toggle("droppable", on);
  document.addEventListener("dragover", (event) => {
    if (carriesFile(event)) {
      event.preventDefault();
      mark(true);
    }
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  document.addEventListener("drop", (event) => {
    mark(false);
    if (carriesFile(event)) {
      event.preventDefault();
      take(form, event.dataTransfer);
    }
  });
}

function take(form, transfer) {
  const given = [...(transfer?.files ?? [])];
  if (!given.length) return;
  const files = new DataTransfer();
  for (const file of given) files.items.add(file);
  form.querySelector("[name=image]").files = files.files;
  // What is to stay in the gallery is sent when all is said about it.
  if (!form.matches(".adding")) send(form);
}

function send(form) {
  const input = form.querySelector("[name=image]");
  const files = [...input.files];
  if (!files.length) return;
  const bytes = [...photosOf(form), ...files].reduce((sum, file) => sum + (file?.size ?? 0), 0);
  if (bytes > most) {
    tell(form, tooLarge(files.length, bytes), "wrong");
    input.value = "";
    return;
  }
  form.requestSubmit();
}

function tooLarge(count, bytes) {
  return fill(count === 1 ? told.tooLargeOne : told.tooLargeSeveral, { size: size(bytes), most: size(most) });
}

function tell(form, sentence, kind = "") {
  const status = form.querySelector(".status");
  status.textContent = sentence;
  status.classList.toggle("wrong", kind === "wrong");
  form.classList.toggle("busy", kind === "busy");
}

function sending(files) {
  if (!files.length) return told.searching;
  const all = { name: files[0].name, count: files.length, size: size(files.reduce((sum, file) => sum + file.size, 0)) };
  return fill(files.length === 1 ? told.sendingOne : told.sendingSeveral, all);
}

// The sentences come with the page, in its language.
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function size(bytes) {
  return bytes < 2 ** 20 ? measured(Math.ceil(bytes / 1024), "kilobyte") : measured(bytes / 2 ** 20, "megabyte");
}

function measured(value, unit) {
  return value.toLocaleString(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 });
}

// Pages without a form get one that nobody sees, so that a photo can be dropped there, too.
function emptyForm() {
  const form = document.createElement("form");
  form.className = "search";
  form.action = document.body.dataset.search;
  form.method = "post";
  form.enctype = "multipart/form-data";
  form.hidden = true;
  const image = document.createElement("input");
  image.type = "file";
  image.name = "image";
  image.multiple = true;
  const status = document.createElement("p");
  status.className = "status";
  form.append(image, status);
  document.body.append(form);
  return form;
}
