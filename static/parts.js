// A part of the picture is drawn on it with the mouse or a finger, or moved and sized by keyboard.
// The four fields of the form follow, and are what is sent.

const SIDES = ["x", "y", "width", "height"];
// Of the screen: shorter is a slip of the hand, nearer to a corner takes hold of it.
const SHORTEST = 8;
const NEAR = 22;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function drawParts() {
  for (const asked of document.querySelectorAll(".asked")) offer(asked);
}

function offer(asked) {
  const picture = {
    asked,
    width: Number(asked.dataset.width),
    height: Number(asked.dataset.height),
    surface: asked.querySelector(".part"),
    fields: SIDES.map((side) => asked.querySelector(`[name=${side}]`)),
    details: asked.querySelector(".adjust"),
  };
  const { surface } = picture;
  surface.removeAttribute("aria-hidden");
  surface.setAttribute("role", "application");
  surface.setAttribute("aria-label", surface.dataset.label);
  surface.tabIndex = 0;
  surface.addEventListener("pointerdown", (event) => begin(picture, event));
  surface.addEventListener("click", () => { picture.details.open = true; });
  surface.addEventListener("keydown", (event) => press(picture, event));
  for (const field of picture.fields) field.addEventListener("input", () => show(picture));
}

function regionOf(picture) {
  const values = picture.fields.map((field) => field.valueAsNumber);
  if (values.some(Number.isNaN)) return null;
  const [x, y, width, height] = values;
  return { x, y, width, height };
}

function set(picture, region) {
  SIDES.forEach((side, place) => {
    picture.fields[place].value = region ? Math.round(region[side]) : "";
  });
  show(picture);
}

function show(picture) {
  const region = regionOf(picture);
  const { x, y, width, height } = region ?? { x: 0, y: 0, width: 0, height: 0 };
  const around = `M0 0H${picture.width}V${picture.height}H0Z`;
  const outside = region ? `${around}M${x} ${y}h${width}v${height}h${-width}Z` : "";
  picture.surface.querySelector(".outside").setAttribute("d", outside);
  const edge = picture.surface.querySelector(".edge");
  for (const [name, value] of Object.entries({ x, y, width, height })) edge.setAttribute(name, value);
}

// The small strip of a phone is too small to draw on, and a finger on a large picture may mean to
// scroll: a tap opens it, the next touch draws.
function begin(picture, event) {
  if (event.button !== 0) return;
  if (!picture.details.open && event.pointerType !== "mouse") return;
  picture.details.open = true;
  event.preventDefault();
  picture.surface.focus({ preventScroll: true });
  picture.surface.setPointerCapture(event.pointerId);
  const before = regionOf(picture);
  const move = motion(picture, before, at(picture, event));
  const follow = (next) => set(picture, move(at(picture, next)));
  const end = () => {
    picture.surface.removeEventListener("pointermove", follow);
    if (slip(picture)) set(picture, before);
  };
  picture.surface.addEventListener("pointermove", follow);
  picture.surface.addEventListener("pointerup", end, { once: true });
  picture.surface.addEventListener("pointercancel", end, { once: true });
}

// Returns what becomes of the region as the hand moves: a corner is pulled, all of it moved, or a
// new one drawn.
function motion(picture, region, start) {
  const pulled = region && opposite(picture, region, start);
  if (pulled) return (point) => between(pulled, point);
  if (region && inside(region, start)) {
    return (point) => moved(picture, region, point.x - start.x, point.y - start.y);
  }
  return (point) => between(start, point);
}

function opposite(picture, region, point) {
  const near = NEAR / scale(picture);
  for (const [across, down] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
    const x = region.x + across * region.width;
    const y = region.y + down * region.height;
    if (Math.hypot(point.x - x, point.y - y) < near) {
      return { x: region.x + (1 - across) * region.width, y: region.y + (1 - down) * region.height };
    }
  }
  return null;
}

function inside({ x, y, width, height }, point) {
  return point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height;
}

function between(one, other) {
  const x = Math.min(one.x, other.x);
  const y = Math.min(one.y, other.y);
  return { x, y, width: Math.max(1, Math.abs(one.x - other.x)), height: Math.max(1, Math.abs(one.y - other.y)) };
}

function moved(picture, region, across, down) {
  return {
    ...region,
    x: clamp(region.x + across, 0, picture.width - region.width),
    y: clamp(region.y + down, 0, picture.height - region.height),
  };
}

function sized(picture, region, across, down) {
  return {
    ...region,
    width: clamp(region.width + across, 1, picture.width - region.x),
    height: clamp(region.height + down, 1, picture.height - region.y),
  };
}

function press(picture, event) {
  if (event.key === "Enter") {
    event.preventDefault();
    picture.asked.closest("form").requestSubmit();
  } else if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    set(picture, null);
  } else if (ARROWS[event.key]) {
    event.preventDefault();
    picture.details.open = true;
    step(picture, ARROWS[event.key], event.shiftKey);
  }
}

function step(picture, [across, down], shift) {
  const { width, height } = picture;
  const region = regionOf(picture);
  if (!region) {
    set(picture, { x: width / 4, y: height / 4, width: width / 2, height: height / 2 });
    return;
  }
  const far = Math.max(1, Math.round(Math.max(width, height) / 50));
  set(picture, (shift ? sized : moved)(picture, region, across * far, down * far));
}

function slip(picture) {
  const region = regionOf(picture);
  return region && Math.min(region.width, region.height) * scale(picture) < SHORTEST;
}

function at(picture, event) {
  const box = picture.surface.getBoundingClientRect();
  return {
    x: clamp(((event.clientX - box.left) / box.width) * picture.width, 0, picture.width),
    y: clamp(((event.clientY - box.top) / box.height) * picture.height, 0, picture.height),
  };
}

function scale(picture) {
  return picture.surface.getBoundingClientRect().width / picture.width;
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
