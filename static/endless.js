// The next page's pictures are put below those that are there as one comes near the end. What is
// fetched is the real next page, and its link stays for whoever is quicker. The address names the
// page that is in view. After some pages a button takes over, so that the end can be reached.
import { entry } from "./memory.js";

const AUTOMATIC = 3;

export async function goOnEndlessly() {
  const nav = document.querySelector("nav.pages");
  const list = nav?.previousElementSibling;
  if (!list?.matches(".rows") || !document.querySelector("#further")) return;
  const endless = new Endless(list, nav);
  await endless.restore();
  endless.begin();
}

class Endless {
  constructor(list, nav) {
    this.list = list;
    this.nav = nav;
    this.button = document.querySelector("#further");
    this.status = document.querySelector("#came");
    this.pages = [{ number: numberOf(location.href), first: list.firstElementChild }];
    this.left = AUTOMATIC;
    this.observer = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && this.come(), {
      rootMargin: "0px 0px 100% 0px",
    });
  }

  begin() {
    this.observer.observe(this.nav);
    this.button.addEventListener("click", () => this.further());
    document.addEventListener("scroll", later(() => this.note()), { passive: true });
    document.addEventListener("click", () => this.note(), { capture: true });
  }

  get next() {
    return this.nav.querySelector("[rel~=next]");
  }

  async come() {
    if (!this.next || this.coming) return;
    if (this.left === 0) return this.offer(true);
    this.coming = true;
    this.left -= 1;
    try {
      this.append(await fetched(this.next.href));
      this.note();
      this.status.textContent = this.nav.dataset.added;
    } catch {
      this.left = 0;
      this.offer(true);
      this.status.textContent = this.nav.dataset.failed;
    }
    this.coming = false;
    this.look();
  }

  // The observer tells changes only, and the end may still be near.
  look() {
    this.observer.unobserve(this.nav);
    this.observer.observe(this.nav);
  }

  async further() {
    const before = this.list.lastElementChild;
    this.offer(false);
    this.left = AUTOMATIC;
    await this.come();
    before.nextElementSibling?.querySelector("a").focus({ preventScroll: true });
  }

  offer(on) {
    this.button.hidden = !on;
  }

  append(page) {
    const fresh = this.adopt(page);
    this.list.append(...fresh);
    this.pages.push({ number: page.number, first: fresh[0] });
    const previous = this.nav.querySelector("[rel~=prev]");
    page.nav.querySelector("[rel~=prev]")?.remove();
    if (previous) page.nav.prepend(previous);
    this.nav.replaceChildren(...page.nav.childNodes);
    Object.assign(this.nav.dataset, page.nav.dataset);
    this.mark();
  }

  prepend(page) {
    const fresh = this.adopt(page);
    this.list.prepend(...fresh);
    this.pages.unshift({ number: page.number, first: fresh[0] });
    this.nav.querySelector("[rel~=prev]")?.remove();
    const previous = page.nav.querySelector("[rel~=prev]");
    if (previous) this.nav.prepend(previous);
    this.mark();
  }

  // The gallery may have changed between two pages: nothing is shown twice.
  adopt(page) {
    const there = new Set([...this.list.querySelectorAll(".tile > a")].map((link) => link.href));
    return page.tiles.filter((tile) => !there.has(tile.querySelector("a").href));
  }

  // Several pages are shown now: what is told about one does not hold for all of them.
  mark() {
    document.documentElement.classList.add("endless");
    history.scrollRestoration = "manual";
  }

  // What is needed to come back to this very place: which pages are here, and how far down one is.
  note() {
    if (this.pages.length < 2) return;
    const middle = window.innerHeight / 2;
    const above = ({ first }) => first && first.getBoundingClientRect().top < middle;
    const { number } = this.pages.findLast(above) ?? this.pages[0];
    const [first, last] = [this.pages[0].number, this.pages.at(-1).number];
    entry.set("endless", { first, last, scroll: window.scrollY }, addressOf(number));
  }

  async restore() {
    const held = entry.get("endless");
    if (!held) return;
    const here = this.pages[0].number;
    const numbers = Array.from({ length: held.last - held.first + 1 }, (_, i) => held.first + i);
    const wanted = numbers.filter((number) => number !== here);
    try {
      const pages = await Promise.all(wanted.map((number) => fetched(addressOf(number))));
      for (const page of pages.filter(({ number }) => number < here).reverse()) this.prepend(page);
      for (const page of pages.filter(({ number }) => number > here)) this.append(page);
      this.left = Math.max(0, AUTOMATIC - wanted.length);
      this.offer(this.left === 0 && this.next);
      window.scrollTo({ top: held.scroll, behavior: "instant" });
    } catch {
      return; // The page itself is there, and its links.
    }
  }
}

function numberOf(address) {
  return Number(new URL(address).searchParams.get("page") ?? 1);
}

function addressOf(number) {
  const address = new URL(location.href);
  if (number === 1) address.searchParams.delete("page");
  else address.searchParams.set("page", number);
  return address.href;
}

async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const nav = page.querySelector("nav.pages");
  return { number: numberOf(address), nav, tiles: [...nav.previousElementSibling.children] };
}

function later(act) {
  let waiting;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(act, 100);
  };
}
