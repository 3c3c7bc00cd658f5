// Runs before the first paint (no module, not deferred), so that no page shows first in the other
// theme. theme.js changes the choice; here it is applied, also when another tab changed it.
{
  const apply = () => {
    const theme = chosen();
    const root = document.documentElement;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    // The canvas is painted in this scheme before the style sheets are there.
    document.querySelector("meta[name=color-scheme]").content = theme ?? "light dark";
  };

  const chosen = () => {
    try {
      return JSON.parse(localStorage.getItem("theme"));
    } catch {
      return null; // A browser may forbid storage.
    }
  };

  apply();
  for (const occasion of ["theme", "storage", "pageshow"]) window.addEventListener(occasion, apply);
}
