// Makes quicker what works without: a photo may be dropped anywhere, pasted, and is searched at once.
import { acceptPhotos } from "./photos.js";
import { growPictures } from "./transitions.js";

document.documentElement.classList.add("scripted");
acceptPhotos();
growPictures();
