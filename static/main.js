// Makes quicker what works without: a photo may be dropped anywhere, pasted, and is searched at once.
import { comparePlaces } from "./compare.js";
import { goOnEndlessly } from "./endless.js";
import { closeFacets } from "./filters.js";
import { restoreSent, returnPhotos } from "./kept.js";
import { focusWhatWasOpened, listenToKeys } from "./keys.js";
import { drawParts } from "./parts.js";
import { acceptPhotos } from "./photos.js";
import { offerSheet } from "./sheet.js";
import { offerThemes } from "./theme.js";
import { dragTiles } from "./tiles.js";
import { showTrail } from "./trail.js";
import { growPictures } from "./transitions.js";

document.documentElement.classList.add("scripted");
restoreSent();
acceptPhotos();
drawParts();
dragTiles();
closeFacets();
comparePlaces();
growPictures();
returnPhotos();
offerThemes();
offerSheet();
listenToKeys();
showTrail();
goOnEndlessly().then(focusWhatWasOpened);
