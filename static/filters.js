// An open facet lies over the pictures on a wide screen: Escape or a click elsewhere closes it.

export function closeFacets() {
  document.addEventListener("keydown", (event) => event.key === "Escape" && close((facet) => facet.querySelector("summary").focus()));
  document.addEventListener("click", (event) => event.target.closest(".facet") || close());
}

function close(then) {
  const facet = document.querySelector(".facet[open]");
  if (!facet) return;
  facet.open = false;
  then?.(facet);
}
