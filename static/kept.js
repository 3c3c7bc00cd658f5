// What a search was made with stays in this browser while one goes on with it, for the server keeps
// nothing: the panel with the small copies in the tab's session storage, the photos themselves, which
// are too large for that, in a database of the browser. The first page that is opened half an hour
// later empties it.

const DATABASE = "imagesearch";
const STORE = "photos";
const PENDING = "pending";
const MINUTES = 30;
const PANELS = "panels";
const MOST_PANELS = 4;

// Shows the pictures again that the address of a search cannot hold.
export function restoreSent() {
  const sent = document.querySelector(".sent");
  if (!sent) return;
  const search = searchOf(sent);
  if (!sent.querySelector("form")) {
    const kept = panels()[search];
    if (kept?.panel) Object.assign(sent, { innerHTML: kept.panel, lang: kept.lang });
    carryOn(sent.querySelector("form"));
    return;
  }
  savePanel(search, sent.innerHTML);
  sent.dataset.fresh = "yes";
  // From here on the page has an address of its own: it can be reloaded and gone back to.
  history.replaceState(history.state, "", sent.dataset.address);
}

// Gives every picture of the form its photo back, so that a part of it is as sharp as the whole.
export async function returnPhotos() {
  const sent = document.querySelector(".sent");
  await forgetOld();
  if (!sent) return;
  const search = searchOf(sent);
  if (sent.dataset.fresh) await adopt(search);
  const files = await read(search);
  const asked = [...sent.querySelectorAll(".asked")];
  if (files?.length === asked.length) {
    asked.forEach((one, place) => one.append(originalInput(files[place])));
  }
}

// Remembers the photos of the page that comes next: File, or null where only a copy was there; and
// all of the form that sends them, in case it has to be sent again.
export function keep(files, form, submitter) {
  const sent = { action: new URL(form.action).pathname, entries: [...new FormData(form, submitter)] };
  const patience = new Promise((done) => setTimeout(done, 1500));
  return Promise.race([write(PENDING, files, sent), patience]);
}

// What was sent to this address last, if its answer has not come yet.
export async function pending(action) {
  const sent = (await found(PENDING))?.sent;
  return sent?.action === action ? sent : null;
}

export function photosOf(form) {
  return [...form.querySelectorAll(".asked")].map((one) => one.querySelector("[name=original]")?.files[0] ?? null);
}

function searchOf(sent) {
  return new URL(sent.dataset.address, location.href).searchParams.get("q");
}

// What else is asked stands in the address of the page, and goes along when the form is sent.
function carryOn(form) {
  for (const [name, value] of form ? new URLSearchParams(location.search) : []) {
    if (name === "q" || name === "page") continue;
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
}

function originalInput(file) {
  const input = document.createElement("input");
  input.type = "file";
  input.name = "original";
  input.hidden = true;
  if (file) {
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
  }
  return input;
}

function panels() {
  try {
    return JSON.parse(sessionStorage.getItem(PANELS)) ?? {};
  } catch {
    return {};
  }
}

function savePanel(search, panel) {
  const { [search]: _, ...others } = panels();
  const kept = Object.entries(others).slice(1 - MOST_PANELS);
  try {
    // In the language that it was made in, which may be another when it is shown again.
    const { lang } = document.documentElement;
    sessionStorage.setItem(PANELS, JSON.stringify(Object.fromEntries([...kept, [search, { panel, lang }]])));
  } catch {
    sessionStorage.removeItem(PANELS);
  }
}

async function adopt(search) {
  const files = await read(PENDING);
  if (!files) return;
  await write(search, files);
  await write(PENDING, null);
}

async function read(key) {
  return (await found(key))?.files ?? null;
}

async function found(key) {
  try {
    const kept = await request("readonly", (store) => store.get(key));
    return kept && Date.now() - kept.time < MINUTES * 60_000 ? kept : null;
  } catch {
    return null;
  }
}

async function write(key, files, sent = null) {
  try {
    const kept = { files, sent, time: Date.now() };
    await request("readwrite", (store) => (files ? store.put(kept, key) : store.delete(key)));
  } catch {
    // Without the photos the small copies are searched with.
  }
}

async function forgetOld() {
  try {
    const [keys, kept] = await Promise.all([
      request("readonly", (store) => store.getAllKeys()),
      request("readonly", (store) => store.getAll()),
    ]);
    const old = keys.filter((_, place) => Date.now() - kept[place].time >= MINUTES * 60_000);
    await Promise.all(old.map((key) => request("readwrite", (store) => store.delete(key))));
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

let opened;

async function request(mode, action) {
  opened ??= finished(indexedDB.open(DATABASE, 1), (open) => open.result.createObjectStore(STORE));
  const database = await opened;
  return finished(action(database.transaction(STORE, mode).objectStore(STORE)));
}

function finished(asked, upgrade) {
  return new Promise((resolve, reject) => {
    asked.onupgradeneeded = () => upgrade(asked);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
