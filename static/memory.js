// What the browser keeps for the pages. None of it is ever sent: it is in no cookie, and no request
// carries it.

// For this visit, in this tab.
export const visit = shelf(() => window.sessionStorage);
// Until the visitor clears it.
export const always = shelf(() => window.localStorage);

// A browser may forbid storage, or it may be full: then the pages work and forget.
function shelf(open) {
  return {
    get(name) {
      try {
        return JSON.parse(open().getItem(name));
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        open().setItem(name, JSON.stringify(value));
      } catch {
        return;
      }
    },
  };
}

// With the entry of the browser's history: it is there again when one comes back to it. What a form
// was answered is left alone: browsers would come back to its address without what was sent.
export const entry = {
  get: (name) => history.state?.[name],
  set: (name, value, address = location.href) => {
    if ("posted" in document.body.dataset) return;
    history.replaceState({ ...history.state, [name]: value }, "", address);
  },
};
