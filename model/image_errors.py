"""Why a picture cannot be used: what the loader, and those that call it, raise."""

from model.sentences import SpokenError


class ImageError(SpokenError, ValueError):
    """A picture that cannot be used; its text is a sentence for the person who sent it.

    among: which of how many that were sent together, from 1; None where it came alone, or where
        the sentence tells it.
    """

    among: tuple[int, int] | None = None


class UnsupportedFormat(ImageError):
    """The bytes are no picture of a format that we read."""


class DamagedImage(ImageError):
    """The format is known, but the picture cannot be decoded to its end."""


class TooManyPixels(ImageError):
    """The picture says of itself that it is larger than the limit."""


class TooMuchMemory(ImageError):
    """Decoding the picture takes more memory than one may take."""


class TooSlow(ImageError):
    """Decoding the picture takes more time than one may take."""


class DeadlyImage(ImageError):
    """Decoding the picture ends the process that does it."""


class OutsideRegion(ImageError):
    """Nothing of the part that is wanted lies in the picture."""
