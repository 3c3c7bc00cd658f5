"""Changing the gallery from a program: adding pictures, telling of them, removing them."""

import re
from typing import Any

import msgspec
from flask import request, url_for
from werkzeug.exceptions import UnprocessableEntity

from app import changing, schema_changes
from app.api_images import described, summary
from app.changing import Sent
from app.live import snapshot
from app.openapi import checked_query
from app.telling import words_of
from app.uploads import raw_body

Answer = tuple[msgspec.Struct, int, dict[str, str]]


def add_images() -> Answer:
    """Add pictures to the gallery.

    Send one as the raw body, or several as fields `image` of a multipart form; what is told of them
    stands in parameters, or in fields of the form. One that is there already stays as it is.
    """
    told = msgspec.structs.asdict(checked_query())
    if request.mimetype == "multipart/form-data":
        told |= request.form.to_dict()
        sent = changing.from_form()
    else:  # whatever it says that it is
        sent = changing.counted(list(map(Sent, raw_body())))
    added = changing.add(sent, words_of({name: text for name, text in told.items() if text}))
    new = {record.id for record in added.new}
    records = filter(None, map(snapshot().gallery.find, added.ids))
    images = [
        schema_changes.UploadedImage(added=each.id in new, **summary(each)) for each in records
    ]
    answer = schema_changes.Uploads(generation=_generation(added.generation), images=images)
    place = {"Location": url_for("api.image", identifier=images[0].id)} if len(new) == 1 else {}
    return answer, 201 if new else 200, place


def change_image(identifier: str) -> schema_changes.ChangedImage:
    """Change what is told of a picture.

    Send the fields that change; null takes back what was told, and then what the picture itself
    and the files beside it say counts again.
    """
    changed = changing.tell(identifier, words_of(_sent_words()))
    record = msgspec.structs.asdict(described(changed.record))
    return schema_changes.ChangedImage(generation=_generation(changed.generation), **record)


def remove_image(identifier: str) -> schema_changes.RemovedImage:
    """Remove a picture that was added here.

    Its file is deleted. Others lie in the folder that was indexed, and are removed there.
    """
    removed = changing.remove(identifier)
    return schema_changes.RemovedImage(id=identifier, generation=_generation(removed.generation))


def _wrong(problem: str) -> str:
    """Return a sentence about a body; msgspec ends its own with the place, "at `$.title`"."""
    found = re.search(r"\$\.(\w+)", problem)
    if found is None:
        return f"The body is a JSON object with fields of a record. {problem}."
    return f"The field {found[1]} takes {schema_changes.takes(found[1])}, or null."


def _generation(changed: str) -> str:
    """Return the generation after a change; where nothing changed, the present one."""
    return changed or snapshot().bundle.generation


def _sent_words() -> dict[str, Any]:
    try:
        change = msgspec.json.decode(request.get_data(), type=schema_changes.ImageChange)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnprocessableEntity(_wrong(str(error))) from error
    fields = msgspec.structs.asdict(change)
    return {name: value for name, value in fields.items() if value is not msgspec.UNSET}
