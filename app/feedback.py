"""Which matches the present request chooses as more like, and as less like."""

from flask import request
from werkzeug.datastructures import MultiDict

from model.feedback import Feedback
from model.gallery import Gallery


def asked(gallery: Gallery) -> Feedback:
    """Return what the request's address, or its form, names as `more` and `less`.

    Raises NotInGallery and TooManyChosen.
    """
    given: MultiDict[str, str] = request.form if request.method == "POST" else request.args
    return Feedback.of(gallery, given.getlist("more"), given.getlist("less"))
