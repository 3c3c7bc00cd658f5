// Single keys, as the sheet in base.html tells them. Enter needs nothing here: what j and k put the
// focus on is a link.
import { entry } from "./memory.js";
import { keysAreOn, openSheet } from "./sheet.js";

const KEYS = { j: () => step(1), k: () => step(-1), "/": ask, "?": openSheet, Escape: goBack };
// Where letters are text, or choose: everything else that takes the focus has no use for them.
const TYPING =
  "textarea, select, [contenteditable], input:not(:is([type=checkbox], [type=radio], [type=file], [type=range], [type=submit], [type=button]))";

export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (!Object.hasOwn(KEYS, event.key) || !isMeant(event)) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  // Whoever opened a picture by key comes back to where the focus was.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".tile > a");
    if (link) entry.set("opened", link.matches(":focus-visible") ? link.pathname : null);
  });
}

export function focusWhatWasOpened() {
  const path = entry.get("opened");
  const link = path && tiles().find((each) => each.pathname === path);
  link?.focus({ preventScroll: true, focusVisible: true });
}

// An open dialog or popover has the Escape key for itself.
function isMeant(event) {
  return (
    keysAreOn() &&
    !event.defaultPrevented &&
    !(event.ctrlKey || event.altKey || event.metaKey || event.isComposing) &&
    !event.target.closest(TYPING) &&
    !document.querySelector("dialog[open], :popover-open")
  );
}

function tiles() {
  return [...document.querySelectorAll("main .tile > a")].filter((each) => each.checkVisibility());
}

// Without a focus on a picture one begins with the first that is in view.
function step(by) {
  const links = tiles();
  const focused = links.indexOf(document.activeElement);
  const inView = links.findIndex((each) => each.getBoundingClientRect().bottom > 0);
  const next = focused >= 0 ? focused + by : inView + Math.min(by, 0);
  links[next]?.focus({ focusVisible: true });
}

function ask() {
  const input = document.querySelector("form.search input[type=file]");
  if (input?.checkVisibility()) input.focus({ focusVisible: true });
  else location.assign(`${document.body.dataset.search}#image`);
}

function goBack() {
  const within = window.navigation?.canGoBack ?? document.referrer.startsWith(location.origin);
  if (within) history.back();
}
