// The map: tiles on a canvas, and real links over the pictures as soon as those are large enough.
// Places are counted in columns and lines; `scale` is how many CSS pixels a column is wide.
import { Links } from "./map-links.js";
import { listen } from "./map-moves.js";
import { Tiles } from "./map-tiles.js";

const MOST = 320; // CSS pixels: wider than this no picture is stored for the map
const LINKS = 64; // from this scale on every picture is a link
const MARKED = 96; // the scale at which a marked picture is shown first
const FLAT = 3 / 4; // a place is as high as three when it is as wide as four
const STILL = 180; // milliseconds after which the address follows

class View {
  constructor(stage) {
    const told = stage.dataset;
    this.stage = stage;
    this.columns = Number(told.columns);
    this.lines = Number(told.lines);
    this.mark = told.mark?.split(",").map(Number);
    stage.querySelector(".overview").remove();
    this.canvas = add(stage, "canvas", "sheet");
    this.context = this.canvas.getContext("2d");
    this.tiles = new Tiles(told, () => this.redraw());
    this.links = new Links(this.canvas, told, (x, y) => this.reveal(x, y), () => this.redraw());
    this.marks = this.addMarks(told.matches ?? "");
    this.frame = 0;
    this.costs = []; // of the last frames, milliseconds: what benchmarks/map.py reads
    new ResizeObserver(() => this.resize()).observe(stage);
    this.resize();
    this.begin(new URLSearchParams(location.search));
  }

  get fit() {
    return Math.min(MOST, this.width / this.columns, this.height / (this.lines * FLAT));
  }

  begin(asked) {
    const [x, y, z] = ["x", "y", "z"].map((name) => asked.has(name) ? Number(asked.get(name)) : NaN);
    if ([x, y, z].every(Number.isFinite)) this.look(x * this.columns, y * this.lines, this.fit * 2 ** z);
    else if (this.mark) this.look(this.mark[0] + 0.5, this.mark[1] + 0.5, Math.max(this.fit, MARKED));
    else this.look(this.columns / 2, this.lines / 2, this.first);
  }

  // On a screen that stands upright the whole map is a strip: begin nearer, at its full height.
  get first() {
    const full = this.height / (this.lines * FLAT);
    return this.height > this.width ? Math.min(MOST, full, 2 * this.fit) : this.fit;
  }

  resize() {
    const density = window.devicePixelRatio || 1;
    const whole = this.scale !== undefined && Math.abs(this.scale - this.fit) < 0.01;
    this.width = this.stage.clientWidth;
    this.height = this.stage.clientHeight;
    this.canvas.width = Math.round(this.width * density);
    this.canvas.height = Math.round(this.height * density);
    if (this.scale !== undefined) this.look(this.x, this.y, whole ? this.fit : this.scale);
  }

  // Show the point x, y (in places) in the middle. The map never leaves the stage.
  look(x, y, scale) {
    this.scale = Math.min(Math.max(scale, this.fit), Math.max(MOST, this.fit));
    this.x = held(x, this.columns, this.width / this.scale);
    this.y = held(y, this.lines, this.height / (this.scale * FLAT));
    this.redraw();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.tellAddress(), STILL);
  }

  pan(right, down) {
    this.look(this.x - right / this.scale, this.y - down / (this.scale * FLAT), this.scale);
  }

  // Come nearer by a factor, and keep what is under the point (CSS pixels on the stage) there.
  zoom(factor, left = this.width / 2, top = this.height / 2) {
    const scale = Math.min(Math.max(this.scale * factor, this.fit), Math.max(MOST, this.fit));
    const [right, down] = [left - this.width / 2, top - this.height / 2];
    const change = 1 / this.scale - 1 / scale;
    this.look(this.x + right * change, this.y + (down * change) / FLAT, scale);
  }

  zoomSlowly(factor, left, top) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.zoom(factor, left, top);
    const start = performance.now();
    let done = 1;
    const step = (now) => {
      const part = Math.min(1, Math.max(0, (now - start) / 160));
      const wanted = factor ** (1 - (1 - part) ** 3);
      this.zoom(wanted / done, left, top);
      done = wanted;
      if (part < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  whole() {
    this.look(this.columns / 2, this.lines / 2, this.fit);
  }

  // Bring a place into view that the keyboard has reached.
  reveal(column, line) {
    const [left, top] = this.at(column, line);
    const [wide, high] = [this.scale, this.scale * FLAT];
    const right = Math.max(0, -left) - Math.max(0, left + wide - this.width);
    const down = Math.max(0, -top) - Math.max(0, top + high - this.height);
    if (right || down) this.pan(right, down);
  }

  at(column, line) {
    return [
      (column - this.x) * this.scale + this.width / 2,
      (line - this.y) * this.scale * FLAT + this.height / 2,
    ];
  }

  redraw() {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  draw() {
    const begun = performance.now();
    this.frame = 0;
    this.tiles.draw(this.context, this);
    this.links.show(this, this.scale >= LINKS);
    for (const mark of this.marks) this.placeMark(mark);
    this.stage.classList.toggle("far", this.scale < LINKS);
    this.costs.push(performance.now() - begun);
    if (this.costs.length > 1000) this.costs.shift();
  }

  addMarks(matches) {
    const places = matches.split(";").filter(Boolean).map((each) => each.split(",").map(Number));
    const marks = places.map(([column, line]) => ({ column, line, element: add(this.stage, "span", "match") }));
    const kind = matches ? "mark sought" : "mark";
    if (this.mark) marks.push({ column: this.mark[0], line: this.mark[1], element: add(this.stage, "span", kind) });
    return marks;
  }

  placeMark({ column, line, element }) {
    const [left, top] = this.at(column + 0.5, line + 0.5);
    element.style.transform = `translate(${left}px, ${top}px)`;
    element.style.setProperty("--wide", `${Math.max(this.scale, 18)}px`);
  }

  tellAddress() {
    const address = new URL(location.href);
    const digits = Math.ceil(Math.log10(Math.max(this.columns, this.lines))) + 2;
    address.searchParams.set("x", (this.x / this.columns).toFixed(digits));
    address.searchParams.set("y", (this.y / this.lines).toFixed(digits));
    address.searchParams.set("z", Math.log2(this.scale / this.fit).toFixed(3));
    history.replaceState(history.state, "", address);
    const list = document.getElementById("as-list");
    for (const name of ["x", "y", "z"]) {
      const linked = new URL(list.href);
      linked.searchParams.set(name, address.searchParams.get(name));
      list.href = linked;
    }
  }
}

// Keep `shown` of `all` places around `middle` on the map; what is smaller stands in the middle.
function held(middle, all, shown) {
  return shown >= all ? all / 2 : Math.min(Math.max(middle, shown / 2), all - shown / 2);
}

function add(parent, name, kind) {
  const element = document.createElement(name);
  element.className = kind;
  element.setAttribute("aria-hidden", "true");
  parent.prepend(element);
  return element;
}

const stage = document.getElementById("map");
stage.tabIndex = 0;
stage.setAttribute("role", "group");
stage.setAttribute("aria-label", document.querySelector("h1").textContent);
stage.setAttribute("aria-describedby", "map-help");
stage.view = new View(stage);
listen(stage, stage.view);
