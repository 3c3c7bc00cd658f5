"""Sentences for people that can be said in another language, too: texts with names to fill in."""

from collections.abc import Callable
from functools import partial
from typing import Self


class SpokenError(Exception):
    """A failure that its text explains to a person.

    sentence: that text with %(name)s in place of each of the values, for who translates it.
    """

    def __init__(self, sentence: str, **values: str | int) -> None:
        told = {
            name: f"{value:,}" if isinstance(value, int) else value
            for name, value in values.items()
        }
        super().__init__(sentence % told)
        self.sentence = sentence
        self.values = values

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[()]]:
        """Travel between processes by sentence and values."""
        return partial(type(self), self.sentence, **self.values), ()


def N_(text: str) -> str:  # noqa: N802 - the name that every tool knows
    """Mark a text for translation where it is not yet known in which language it will be read."""
    return text
