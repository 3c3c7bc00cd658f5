"""The pictures of one request, decoded apart: all of them together have the time of one.

Else whoever sends eight that are slow would hold a slot, and wait, for eight times as long.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from app.settings import Settings
from model.apart import Limits
from model.image_errors import ImageError, TooSlow
from model.images import Picture
from model.search import Sent
from model.seeing import light, within
from model.sentences import N_

T = TypeVar("T")

# Seconds below which nothing is begun: the timer that ends it counts whole microseconds, and one of
# none never comes.
_LEAST: Final = 0.001


def seen(sent: Sequence[Sent], settings: Settings, max_pixels: int) -> list[Picture]:
    """Decode pictures from outside. Raises what `in_time` raises."""
    calls = [partial(light, each.content, max_pixels, each.view, each.side) for each in sent]
    return in_time(calls, settings)


def in_time(calls: Sequence[Callable[[], T]], settings: Settings) -> list[T]:
    """Do something to each picture of a request, apart; return what each of them returns.

    Raises ImageError with a sentence for the sender, which knows the one of several that is meant,
    and NoProcess.
    """
    end = time.monotonic() + settings.picture_seconds
    done: list[T] = []
    for place, call in enumerate(calls, start=1):
        if (left := end - time.monotonic()) < _LEAST:
            raise _late(place, len(calls), settings)
        try:
            done.append(within(Limits(left, settings.picture_memory), call))
        except TooSlow:
            if len(calls) == 1:
                raise
            raise _late(place, len(calls), settings) from None
        except ImageError as error:
            error.among = (place, len(calls)) if len(calls) > 1 else None
            raise
    return done


def _late(place: int, count: int, settings: Settings) -> TooSlow:
    return TooSlow(
        N_(
            "Picture %(place)s of %(count)s was not decoded in time: all pictures of one request "
            "have %(most)s seconds together. Leave out the one that takes long, or send fewer at "
            "once."
        ),
        place=place,
        count=count,
        most=round(settings.picture_seconds),
    )
