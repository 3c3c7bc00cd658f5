// A picture of the gallery that is dragged onto the query, or onto the form of the home page, is
// searched with. By keyboard and touch its page leads there.

const KIND = "application/x-imagesearch-picture";
const TARGETS = ".query, .search";

export function carriesTile(event) {
  return event.dataTransfer?.types.includes(KIND) ?? false;
}

export function dragTiles() {
  document.addEventListener("dragstart", (event) => {
    const link = event.target.closest?.(".tile")?.querySelector("a");
    if (!link) return;
    event.dataTransfer.setData(KIND, similar(link));
    document.body.classList.add("carrying");
  });
  document.addEventListener("dragend", () => document.body.classList.remove("carrying"));
  document.addEventListener("dragover", (event) => {
    if (carriesTile(event) && event.target.closest?.(TARGETS)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!carriesTile(event) || !event.target.closest?.(TARGETS)) return;
    event.preventDefault();
    location.assign(event.dataTransfer.getData(KIND));
  });
}

function similar(link) {
  const page = new URL(link.href).pathname;
  return page.endsWith("/similar") ? page : `${page}/similar`;
}
