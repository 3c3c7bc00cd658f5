// What moves the map: mouse, wheel, one finger and two, keys, and the buttons.

const STEP = 96; // CSS pixels for one press of an arrow key
const NEARER = 1.6;
const CLICK = 4; // CSS pixels that a hand may tremble
const KEYS = {
  ArrowLeft: (view) => view.pan(STEP, 0),
  ArrowRight: (view) => view.pan(-STEP, 0),
  ArrowUp: (view) => view.pan(0, STEP),
  ArrowDown: (view) => view.pan(0, -STEP),
  "+": (view) => view.zoomSlowly(NEARER),
  "=": (view) => view.zoomSlowly(NEARER),
  "-": (view) => view.zoomSlowly(1 / NEARER),
  0: (view) => view.whole(),
};
const BUTTONS = { nearer: KEYS["+"], farther: KEYS["-"], whole: KEYS[0] };

export function listen(stage, view) {
  stage.addEventListener("keydown", (event) => {
    const move = KEYS[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(view);
  });
  for (const button of stage.querySelectorAll("[data-do]"))
    button.addEventListener("click", () => BUTTONS[button.dataset.do](view));
  stage.addEventListener("wheel", (event) => wheel(event, view), { passive: false });
  follow(stage, view);
}

function wheel(event, view) {
  event.preventDefault();
  // Lines and pages come from wheels with steps; a pinch on a touchpad comes with ctrlKey.
  const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
  const [left, top] = within(event, view);
  view.zoom(Math.exp(-Math.max(-240, Math.min(240, pixels)) * (event.ctrlKey ? 0.01 : 0.002)), left, top);
}

function follow(stage, view) {
  const fingers = new Map();
  let moved = 0;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest(".controls")) return;
    if (!fingers.size) moved = 0;
    fingers.set(event.pointerId, within(event, view));
  });
  window.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = within(event, view);
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (moved <= CLICK) return;
    stage.classList.add("moving");
    // So that a drag ends wherever the hand lets go, outside the window, too.
    if (!stage.hasPointerCapture(event.pointerId)) stage.setPointerCapture(event.pointerId);
    const others = [...fingers].filter(([id]) => id !== event.pointerId);
    if (others.length) pinch(view, before, now, others[0][1]);
    else view.pan(now[0] - before[0], now[1] - before[1]);
    fingers.set(event.pointerId, now);
  });
  for (const end of ["pointerup", "pointercancel"])
    window.addEventListener(end, (event) => {
      fingers.delete(event.pointerId);
      if (!fingers.size) stage.classList.remove("moving");
    });
  stage.addEventListener("dragstart", (event) => event.preventDefault());
  // The end of a drag is no click; from afar a click brings nearer, for there is no link yet.
  stage.addEventListener("click", (event) => click(event, view, moved > CLICK), { capture: true });
}

function click(event, view, dragged) {
  if (event.target.closest(".controls")) return;
  if (dragged && event.detail) {
    event.preventDefault();
    event.stopPropagation();
  } else if (!event.target.closest("a") && event.detail) {
    view.zoomSlowly(3, ...within(event, view));
  }
}

function pinch(view, before, now, other) {
  const middle = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2];
  view.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  view.zoom(apart(now, other) / Math.max(1, apart(before, other)), ...middle);
}

function apart(one, other) {
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
}

function within(event, view) {
  const { left, top } = view.stage.getBoundingClientRect();
  return [event.clientX - left, event.clientY - top];
}
