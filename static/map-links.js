// A link over every picture in sight, so that keyboards and screen readers find what hands do.
import { reloadOnce } from "./map-tiles.js";

const PICTURES = 96; // from this scale on the stored thumbnails are sharper than the tiles
const FLAT = 3 / 4;
const KEPT = 400; // parts whose pictures are remembered

export class Links {
  constructor(canvas, told, reveal, changed) {
    this.told = told;
    this.span = Number(told.deepest);
    this.changed = changed;
    this.parts = new Map(); // what hangs in each part, or a promise of it
    this.shown = new Map(); // links by id
    this.list = document.createElement("div");
    this.list.className = "hung";
    canvas.after(this.list);
    this.list.addEventListener("focusin", ({ target }) => {
      if (target.matches(":focus-visible")) reveal(Number(target.dataset.column), Number(target.dataset.line));
    });
  }

  show(view, wanted) {
    this.list.hidden = !wanted;
    if (!wanted) {
      if (this.shown.size) this.clear();
      return;
    }
    if (!this.follow(view)) return;
    const key = `${Math.floor(view.x)} ${Math.floor(view.y)} ${Math.round(view.width / view.scale)} ${view.scale >= PICTURES}`;
    if (key !== this.key) this.refill(view, key);
  }

  // Moving is one transform; only another scale, once it is at rest, places every link anew.
  // Return whether it is.
  follow(view) {
    const [left, top] = view.at(0, 0);
    this.scale ??= view.scale;
    this.list.style.transform = `translate(${left}px, ${top}px) scale(${view.scale / this.scale})`;
    if (this.scale === view.scale) return true;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.scale = view.scale;
      for (const link of this.shown.values()) this.place(link);
      this.changed();
    }, 120);
    return false;
  }

  refill(view, key) {
    const across = view.width / view.scale / 2 + 1;
    const down = view.height / (view.scale * FLAT) / 2 + 1;
    const near = ([, column, line]) =>
      Math.abs(column + 0.5 - view.x) <= across && Math.abs(line + 0.5 - view.y) <= down;
    const found = [];
    let complete = true;
    for (const part of this.around(view, across, down)) {
      const pictures = this.load(part);
      if (Array.isArray(pictures)) found.push(...pictures.filter(near));
      else complete = false;
    }
    if (complete) this.key = key;
    this.update(found, view.scale >= PICTURES);
  }

  *around(view, across, down) {
    const end = (middle, half, all) => Math.floor(Math.min(all - 1, middle + half) / this.span);
    const begin = (middle, half) => Math.floor(Math.max(0, middle - half) / this.span);
    for (let y = begin(view.y, down); y <= end(view.y, down, view.lines); y++)
      for (let x = begin(view.x, across); x <= end(view.x, across, view.columns); x++) yield `${x}/${y}`;
  }

  load(part) {
    if (!this.parts.has(part)) {
      if (this.parts.size > KEPT) this.parts.clear();
      this.parts.set(part, this.fetch(part));
    }
    return this.parts.get(part);
  }

  async fetch(part) {
    try {
      const answer = await fetch(`${this.told.tiles}/${part}.json`);
      if (answer.status === 404) reloadOnce();
      this.parts.set(part, answer.ok ? await answer.json() : []);
    } catch {
      this.parts.delete(part);
    }
    this.changed();
  }

  update(pictures, thumbnails) {
    const wanted = new Set(pictures.map(([id]) => id));
    for (const [id, link] of this.shown)
      if (!wanted.has(id) && link !== document.activeElement) this.remove(id, link);
    // As one reads: line by line, so that tabbing goes on to what is seen next.
    pictures.sort((one, other) => one[2] - other[2] || one[1] - other[1]);
    let before = null;
    for (const picture of pictures) {
      const link = this.shown.get(picture[0]) ?? this.add(picture);
      const place = before ? before.nextSibling : this.list.firstChild;
      if (link !== place && link !== document.activeElement) this.list.insertBefore(link, place);
      if (thumbnails) this.sharpen(picture[0], link);
      before = link;
    }
  }

  add([id, column, line, title]) {
    const link = document.createElement("a");
    link.href = this.told.picture.replace("ID", id);
    link.title = title;
    link.draggable = false;
    link.dataset.column = column;
    link.dataset.line = line;
    const name = document.createElement("span");
    name.className = "unseen";
    name.textContent = title;
    link.append(name);
    this.shown.set(id, link);
    this.place(link);
    return link;
  }

  place(link) {
    link.style.left = `${link.dataset.column * this.scale}px`;
    link.style.top = `${link.dataset.line * this.scale * FLAT}px`;
    link.style.width = `${this.scale}px`;
    link.style.height = `${this.scale * FLAT}px`;
  }

  sharpen(id, link) {
    if (link.querySelector("img")) return;
    const image = document.createElement("img");
    image.alt = "";
    image.decoding = "async";
    image.draggable = false;
    image.src = this.told.thumbnail.replace("ID", id);
    link.append(image);
  }

  remove(id, link) {
    link.remove();
    this.shown.delete(id);
  }

  clear() {
    for (const [id, link] of this.shown) this.remove(id, link);
    this.key = this.scale = undefined;
  }
}
