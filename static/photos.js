// A photo that is chosen, dropped anywhere on the page or pasted goes through the page's own form,
// so the browser sends it as it would without scripts.

const most = Number(document.body.dataset.most);

export function acceptPhotos() {
  const form = document.querySelector("form.search") ?? emptyForm();
  form.elements.image.addEventListener("change", () => send(form));
  form.addEventListener("submit", () => tell(form, sending(form.elements.image.files[0]), "busy"));
  acceptDrops(form);
  document.addEventListener("paste", (event) => take(form, event.clipboardData));
  // Coming back, the page must not still say that it is searching.
  window.addEventListener("pageshow", () => tell(form, ""));
}

function acceptDrops(form) {
  const carriesFile = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (on) => document.body.classList.toggle("droppable", on);
  document.addEventListener("dragover", (event) => {
    if (carriesFile(event)) {
      event.preventDefault();
      mark(true);
    }
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  document.addEventListener("drop", (event) => {
    mark(false);
    if (carriesFile(event)) {
      event.preventDefault();
      take(form, event.dataTransfer);
    }
  });
}

function take(form, transfer) {
  const file = [...(transfer?.files ?? [])][0];
  if (!file) return;
  const files = new DataTransfer();
  files.items.add(file);
  form.elements.image.files = files.files;
  send(form);
}

function send(form) {
  const file = form.elements.image.files[0];
  if (!file) return;
  if (file.size > most) {
    const limit = (most / 2 ** 20).toFixed(0);
    tell(form, `This photo has ${size(file)}; up to ${limit} MB can be sent. Choose a smaller one.`, "wrong");
    form.elements.image.value = "";
    return;
  }
  form.requestSubmit();
}

function tell(form, sentence, kind = "") {
  const status = form.querySelector(".status");
  status.textContent = sentence;
  status.classList.toggle("wrong", kind === "wrong");
  form.classList.toggle("busy", kind === "busy");
}

function sending(file) {
  return file ? `Sending ${file.name} (${size(file)}) and searching…` : "";
}

function size(file) {
  return file.size < 2 ** 20 ? `${Math.ceil(file.size / 1024)} kB` : `${(file.size / 2 ** 20).toFixed(1)} MB`;
}

// Pages without a form get one that nobody sees, so that a photo can be dropped there, too.
function emptyForm() {
  const form = document.createElement("form");
  form.action = document.body.dataset.search;
  form.method = "post";
  form.enctype = "multipart/form-data";
  form.hidden = true;
  const image = document.createElement("input");
  image.type = "file";
  image.name = "image";
  const status = document.createElement("p");
  status.className = "status";
  form.append(image, status);
  document.body.append(form);
  return form;
}
