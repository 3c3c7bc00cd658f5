// Loads and draws the tiles of the map: those in sight first, a coarser one until they are here.

const AT_ONCE = 6; // requests
const KEPT = 96; // decoded tiles
const MOST_SEEN = 24; // with more tiles in sight a coarser level will do
const SHARP = 0.75; // of the screen's pixels

export class Tiles {
  constructor(told, changed) {
    this.address = told.tiles;
    this.base = Number(told.base);
    this.depth = Number(told.depth);
    this.size = [Number(told.tileWidth), Number(told.tileHeight)];
    this.changed = changed;
    this.kept = new Map(); // by name; null where loading failed. The last used come last
    this.loading = new Map();
    this.wanted = [];
  }

  draw(context, view) {
    const density = view.canvas.width / view.width;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    context.imageSmoothingQuality = "high";
    const seen = this.inSight(view, density);
    for (const tile of seen) this.drawTile(context, view, tile);
    // The coarsest comes along: it is what is shown while others are on their way.
    this.wanted = [...seen, { z: 0, x: 0, y: 0 }].filter((tile) => !this.kept.has(name(tile)));
    this.stopOthers();
    this.load();
  }

  // Return the tiles in sight, those in the middle first.
  inSight(view, density) {
    const pixels = view.scale * density * SHARP;
    let z = Math.ceil(Math.log2((pixels * this.base) / this.size[0]));
    z = Math.min(Math.max(z, 0), this.depth);
    let seen = this.ofLevel(view, z);
    while (seen.length > MOST_SEEN && z > 0) seen = this.ofLevel(view, --z);
    return seen;
  }

  ofLevel(view, z) {
    const span = this.base >> z;
    const [across, down] = [view.width / view.scale / 2, view.height / (view.scale * 0.75) / 2];
    const [left, right] = steps(view.x - across, view.x + across, view.columns, span);
    const [top, bottom] = steps(view.y - down, view.y + down, view.lines, span);
    const seen = [];
    for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) seen.push({ z, x, y });
    const far = ({ x, y }) => Math.hypot((x + 0.5) * span - view.x, (y + 0.5) * span - view.y);
    return seen.sort((one, other) => far(one) - far(other));
  }

  // Until a tile is here, show what is known of it: a part of a coarser one, and finer ones on that.
  drawTile(context, view, tile) {
    for (let up = 0; up <= tile.z; up++) {
      const found = this.use({ z: tile.z - up, x: tile.x >> up, y: tile.y >> up });
      if (!found) continue;
      this.paint(context, view, tile, found, up);
      if (!up) return;
      break;
    }
    for (const [x, y] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
      const finer = { z: tile.z + 1, x: 2 * tile.x + x, y: 2 * tile.y + y };
      const found = this.use(finer);
      if (found) this.paint(context, view, finer, found, 0);
    }
  }

  // Draw a tile from a bitmap of its own level, or of one that is `up` levels coarser.
  paint(context, view, tile, bitmap, up) {
    const span = this.base >> tile.z;
    // Whole pixels: else a hair of the ground shows between tiles.
    const [left, top] = view.at(tile.x * span, tile.y * span).map(Math.round);
    const [right, bottom] = view.at((tile.x + 1) * span, (tile.y + 1) * span).map(Math.round);
    const [wide, high] = [this.size[0] / 2 ** up, this.size[1] / 2 ** up];
    const [x, y] = [(tile.x % 2 ** up) * wide, (tile.y % 2 ** up) * high];
    context.drawImage(bitmap, x, y, wide, high, left, top, right - left, bottom - top);
  }

  use(tile) {
    const key = name(tile);
    const found = this.kept.get(key);
    if (found) {
      this.kept.delete(key);
      this.kept.set(key, found);
    }
    return found;
  }

  stopOthers() {
    const still = new Set(this.wanted.map(name));
    for (const [key, stop] of this.loading) if (!still.has(key)) stop.abort();
  }

  load() {
    for (const tile of this.wanted) {
      if (this.loading.size >= AT_ONCE) return;
      if (!this.loading.has(name(tile)) && !this.kept.has(name(tile))) this.fetch(name(tile));
    }
  }

  async fetch(key) {
    const stop = new AbortController();
    this.loading.set(key, stop);
    try {
      const answer = await fetch(`${this.address}/${key}.webp`, { signal: stop.signal });
      if (answer.status === 404) reloadOnce();
      this.keep(key, answer.ok ? await createImageBitmap(await answer.blob()) : null);
    } catch (error) {
      if (error.name !== "AbortError") this.keep(key, null);
    } finally {
      this.loading.delete(key);
      this.changed();
    }
  }

  keep(key, bitmap) {
    this.kept.set(key, bitmap);
    for (const [old, unused] of this.kept) {
      if (this.kept.size <= KEPT) return;
      if (old === "0/0/0") continue;
      unused?.close();
      this.kept.delete(old);
    }
  }
}

// The gallery was mapped anew while this page was open: its addresses are gone.
export function reloadOnce() {
  if (performance.now() > 3000) location.reload();
}

function name({ z, x, y }) {
  return `${z}/${x}/${y}`;
}

function steps(first, last, all, span) {
  return [Math.floor(Math.max(0, first) / span), Math.floor(Math.min(all - 0.001, last) / span)];
}
