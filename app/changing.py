"""Changes of the gallery, for pages and programs alike: checked, made, and told in the log."""

import logging
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from flask import request
from werkzeug.exceptions import BadRequest, UnprocessableEntity

from app.decoding import in_time
from app.live import renew, settings, snapshot
from app.metrics import lent
from app.pictures import no_such_picture
from app.request_ids import request_id
from app.texts import gettext
from app.words import number
from model import editing
from model.descriptions import spaced
from model.edited_folder import Upload, Words
from model.editing import Added, Changed
from model.gallery import Record
from model.images import MAX_PIXELS
from model.metadata.told import LONGEST
from model.metadata.words import clean
from model.ranking import IndexUnavailable
from model.seeing import checked

# The address that tells what became of them must fit the longest that is read.
MOST_UPLOADS: Final = 100

_log = logging.getLogger(__name__)


class Sent(NamedTuple):
    """A picture that is sent to stay. name: of its file, where that was told."""

    content: bytes
    name: str = ""


def from_form() -> list[Sent]:
    """Return the pictures of the form's field `image`. Raises BadRequest where there is none."""
    files = [Sent(each.read(), each.filename or "") for each in request.files.getlist("image")]
    return counted([each for each in files if each.content])


def counted(sent: list[Sent]) -> list[Sent]:
    """Return the pictures, of which there is one at least, and not too many."""
    if not sent:
        raise BadRequest(
            gettext("No picture arrived, or an empty one. Choose a photo and send it again.")
        )
    if len(sent) > MOST_UPLOADS:
        raise UnprocessableEntity(
            gettext(
                "At most %(most)s pictures can be added at once. Send the others afterwards.",
                most=number(MOST_UPLOADS),
            )
        )
    return sent


def add(sent: Sequence[Sent], words: Words) -> Added:
    """Add pictures to the gallery, all of them with these words, or none if one cannot be read.

    Raises ImageError with a sentence for the sender, encoder.Busy, and what `editing.add` and
    `editing.catch_up` raise.
    """
    _require_index()
    uploads = _checked(sent, words)
    added = editing.add(_bundle(), uploads, settings().wait)
    renew()
    for record in added.new:
        _tell("added", record, added.generation, bytes=record.bytes)
    _catch_up(added.generation)
    return added


def tell(identifier: str, words: Words) -> Changed:
    """Change what is told of a picture, or answer 404. Raises what `add` raises, and NotChanged."""
    _require_index()
    changed = editing.tell(_bundle(), identifier, words, settings().wait)
    renew()
    if changed is None:
        raise no_such_picture()
    if changed.generation:
        _tell("changed", changed.record, changed.generation, fields=",".join(sorted(words)))
    _catch_up(changed.generation)
    return changed


def remove(identifier: str) -> Changed:
    """Remove a picture, or answer 404. Raises what `add` raises, and NotChanged."""
    _require_index()
    removed = editing.remove(_bundle(), identifier, settings().wait)
    renew()
    if removed is None:
        raise no_such_picture()
    _tell("removed", removed.record, removed.generation, bytes=removed.record.bytes)
    _catch_up(removed.generation)
    return removed


def _bundle() -> Path:
    return Path(settings().bundle)


def _require_index() -> None:
    """Raise IndexUnavailable where a change could not be taken over."""
    if trouble := snapshot().ranking.trouble():
        raise IndexUnavailable(trouble)


def _catch_up(generation: str) -> None:
    """Let the index follow, where something was changed. Raises EngineError where it cannot."""
    if generation:
        chosen = settings()
        editing.catch_up(_bundle(), chosen.index, chosen.index_token, chosen.wait)


def _checked(sent: Sequence[Sent], words: Words) -> list[Upload]:
    """Decode pictures as a search does, to know that they can be; and give each a title."""
    most = min(settings().pixels, MAX_PIXELS)
    calls = [partial(checked, each.content, most) for each in sent]
    with lent(snapshot().encoders, settings().wait):
        found = in_time(calls, settings())
    told = {name: value for name, value in words.items() if value}
    return [
        Upload(each.content, form, told if title else _titled(told, each))
        for each, (form, title) in zip(sent, found, strict=True)
    ]


def _titled(told: dict[str, Any], sent: Sent) -> Mapping[str, Any]:
    """Take the name of the file for a title, as `index` does, where nothing else tells one."""
    name = spaced(re.split(r"[/\\]", sent.name)[-1].rpartition(".")[0])
    if name and not told.get("title"):
        return {"title": clean(name, LONGEST["title"])} | told
    return told


def _tell(what: str, record: Record, generation: str, **more: object) -> None:
    """Write the line by which an operator knows afterwards what was done."""
    told = {"id": record.id, "path": record.path, **more}
    told |= {"generation": generation, "request": request_id()}
    _log.info("Gallery: %s %s", what, " ".join(f"{name}={value}" for name, value in told.items()))
