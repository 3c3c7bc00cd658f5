// The clicked picture grows into its page, and shrinks back into its place on the way back: the
// picture that leads from one page to the other gets the name that the large one has in the style.

const NAME = "picture";

export function growPictures() {
  window.addEventListener("pageswap", (event) => name(event, event.activation?.entry?.url));
  window.addEventListener("pagereveal", (event) => name(event, window.navigation?.activation?.from?.url));
}

async function name(event, address) {
  if (event.viewTransition) accept(event.viewTransition);
  const image = event.viewTransition && address && imageThatLeadsTo(address);
  if (!image) return;
  // A name must be unique, and the page may show a large picture of its own.
  const large = document.querySelector(".large img");
  if (large) large.style.viewTransitionName = "none";
  image.style.viewTransitionName = NAME;
  await event.viewTransition.finished.catch(() => {});
  image.style.viewTransitionName = "";
  if (large) large.style.viewTransitionName = "";
}

// A transition that is left out (another click came, the next page's style is late, the tab is
// hidden) rejects its promises. Nothing is wrong then: the next page simply shows at once.
// https://github.com/w3c/csswg-drafts/issues/13726
function accept(transition) {
  for (const each of ["ready", "finished", "updateCallbackDone"]) transition[each]?.catch(() => {});
}

function imageThatLeadsTo(address) {
  const path = new URL(address).pathname;
  const link = [...document.querySelectorAll(".tile > a")].find((each) => each.pathname === path);
  return link?.querySelector("img");
}
