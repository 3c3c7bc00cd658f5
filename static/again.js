// A page that could not be made now asks again by itself when its time has come: a page that was only
// looked at is loaded anew, photos that were sent are sent again while this browser still has them.
// Whoever does not want that stops it. Each time it waits longer, and after a few times no more.

import { pending } from "./kept.js";
import { visit } from "./memory.js";

const TRIES = "tries";
const MOST_TRIES = 5;
const LONGEST = 60;

export async function tryAgain() {
  const again = document.querySelector(".again");
  if (!again) {
    visit.set(TRIES, null);
    return;
  }
  const posted = "posted" in document.body.dataset;
  const sent = posted ? await pending(location.pathname) : null;
  if (posted && !sent) return;
  const repeat = sent ? () => sendAgain(sent) : () => location.reload();
  offer(again, { repeat, sentence: sent ? again.dataset.soonPhoto : again.dataset.soon });
}

function offer(again, { repeat, sentence }) {
  const [status, stop, now] = [".status", ".stop", ".now, .button"].map((each) => again.querySelector(each));
  const tries = visit.get(TRIES) ?? 0;
  let timer;
  const go = () => {
    clearInterval(timer);
    visit.set(TRIES, tries + 1);
    stop.hidden = true;
    status.textContent = again.dataset.now;
    repeat();
  };
  const give = () => {
    clearInterval(timer);
    stop.hidden = true;
    status.textContent = again.dataset.stopped;
    now.focus();
  };
  now.hidden = false;
  now.addEventListener("click", (event) => {
    event.preventDefault();
    go();
  });
  stop.addEventListener("click", give);
  // Going back to this page must not set it off once more.
  window.addEventListener("pagehide", () => clearInterval(timer));
  if (tries >= MOST_TRIES) return;
  stop.hidden = false;
  timer = countDown(status, sentence, pause(Number(again.dataset.seconds), tries), go);
}

// Everybody was told the same number: not all shall come back at the same time.
function pause(seconds, tries) {
  return Math.ceil(Math.min(LONGEST, seconds * 2 ** tries) * (1 + Math.random() / 2));
}

// It is said once; the seconds that follow are only to be seen.
function countDown(status, sentence, seconds, go) {
  const end = Date.now() + seconds * 1000;
  const shown = document.createElement("span");
  shown.setAttribute("aria-hidden", "true");
  const said = Object.assign(document.createElement("span"), { className: "unseen" });
  said.textContent = sentence.replace("{time}", written(seconds));
  const show = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0) go();
    else shown.textContent = sentence.replace("{time}", written(left));
  };
  status.replaceChildren(said, shown);
  show();
  return setInterval(show, 250);
}

function written(seconds) {
  const { lang } = document.documentElement;
  return seconds.toLocaleString(lang, { style: "unit", unit: "second", unitDisplay: "long" });
}

function sendAgain({ action, entries }) {
  const form = document.createElement("form");
  Object.assign(form, { action, method: "post", enctype: "multipart/form-data", hidden: true });
  for (const [name, value] of entries) form.append(field(name, value));
  document.body.append(form);
  form.submit();
}

function field(name, value) {
  const input = Object.assign(document.createElement("input"), { name });
  if (typeof value === "string") return Object.assign(input, { type: "hidden", value });
  const files = new DataTransfer();
  // An empty field is one of a file without a name.
  if (value.name) files.items.add(value);
  return Object.assign(input, { type: "file", files: files.files });
}
