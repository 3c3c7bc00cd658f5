// Two pictures compared: the slider, and the light in one picture on what a place of the other goes
// with. What a place tells stands in the page already, as the title of its rectangle.

export function comparePlaces() {
  const board = document.querySelector("[data-pairs]");
  if (!board) return;
  slideShade();
  const pairs = board.dataset.pairs.split(" ").map(Number);
  const sides = [...board.querySelectorAll(".light")].map(sideOf);
  point(sides, pairs, board.parentElement.querySelector(".saying"));
}

function slideShade() {
  const slider = document.querySelector("#shade");
  const shade = () => slider.closest(".compare").style.setProperty("--shade", slider.value / 100);
  slider.addEventListener("input", shade);
  // Coming back, the browser may have kept where it stood.
  window.addEventListener("pageshow", shade);
}

function sideOf(drawing) {
  const places = [...drawing.querySelectorAll(".places rect")];
  // The browser would show the titles as well.
  const told = places.map((place) => place.firstElementChild.textContent);
  places.forEach((place) => place.replaceChildren());
  return { drawing, places, told, shades: [...drawing.querySelectorAll(".shade rect")] };
}

function point(sides, pairs, status) {
  const hint = status.textContent;
  let kept = null;

  const show = (pointed) => {
    sides.forEach(clear);
    if (pointed) answer(sides, pairs, pointed);
    status.textContent = pointed ? sides[pointed.side].told[pointed.place] : hint;
  };
  const keep = (pointed) => show((kept = pointed));
  const isKept = (side, place) => kept?.side === side && kept.place === place;

  sides.forEach(({ drawing, places }, side) => {
    places.forEach((rectangle, place) => {
      rectangle.addEventListener("pointerenter", () => show({ side, place }));
      rectangle.addEventListener("click", () => keep(isKept(side, place) ? null : { side, place }));
    });
    drawing.addEventListener("pointerleave", () => show(kept));
    drawing.tabIndex = 0;
    drawing.addEventListener("keydown", (event) => {
      const place = event.key === "Escape" ? null : moved(event.key, kept?.side === side ? kept.place : null, places.length);
      if (place === undefined) return;
      event.preventDefault();
      keep(place === null ? null : { side, place });
    });
  });
}

function clear({ drawing, places, shades }) {
  drawing.classList.remove("answering");
  places.forEach((place) => place.classList.remove("pointed"));
  shades.forEach((shade) => (shade.style.fillOpacity = ""));
}

function answer(sides, pairs, { side, place }) {
  sides[side].places[place].classList.add("pointed");
  const other = sides[1 - side];
  const shares = other.places.map((_, each) => pairs[side ? each * other.places.length + place : place * other.places.length + each]);
  // A place that speaks against the likeness goes with those that it does so with.
  const sign = Math.sign(shares.reduce((sum, share) => sum + share, 0)) || 1;
  const most = Math.max(...shares.map((share) => sign * share));
  other.drawing.classList.add("answering");
  other.shades.forEach((shade, each) => (shade.style.fillOpacity = 1 - Math.max(0, (sign * shares[each]) / most)));
}

// The place that an arrow key leads to: undefined for other keys, the first one from nowhere.
function moved(key, place, count) {
  const side = Math.sqrt(count);
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!step) return undefined;
  if (place === null) return 0;
  const within = (value) => Math.min(side - 1, Math.max(0, value));
  return within((place % side) + step[0]) + side * within(Math.floor(place / side) + step[1]);
}
