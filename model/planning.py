"""Which pictures the next index has, in which order, and whether it differs from the last."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.changes import Changes
from model.identifiers import candidates
from model.known import Known
from model.reading import IN_DOUBT


@dataclass(frozen=True)
class Plan:
    """The rows of the next index.

    files: int64 (N,), the number of the file that each row is of. rows: int64 (N,), the row of the
    earlier index that it is taken over from, or -1 where it is new. ids: theirs. elsewhere: row and
    file number of each file that is the same as another.
    """

    files: NDArray[np.int64]
    rows: NDArray[np.int64]
    ids: list[str]
    elsewhere: list[tuple[int, int]]

    @property
    def same_rows(self) -> bool:
        """Whether nothing is new: rows are taken over only. They may still be fewer."""
        return bool((self.rows >= 0).all())


def plan(changes: Changes, known: Known) -> Plan:
    """Give each content a row, in the order of paths; of several files the first counts."""
    files: list[int] = []
    elsewhere: list[tuple[int, int]] = []
    places: dict[str, int] = {}

    # New content gets an id that no other has: neither in this index nor in the earlier one.
    def id_of(sha256: str) -> str:
        return next(each for each in candidates(sha256) if content_of(each) in {None, sha256})

    def content_of(identifier: str) -> str | None:
        place = places.get(identifier)
        held = changes.contents.get(files[place]) if place is not None else None
        return held or known.content_of(identifier)

    for number, row in enumerate(changes.rows.tolist()):
        if row < 0 and number not in changes.contents:
            continue
        identifier = known.ids[row] if row >= 0 else id_of(changes.contents[number])
        place = places.setdefault(identifier, len(files))
        if place < len(files):
            elsewhere.append((place, number))
        else:
            files.append(number)
    chosen = np.array(files, np.int64)
    return Plan(chosen, changes.rows[chosen], list(places), elsewhere)


def remade(plan: Plan, changes: Changes) -> NDArray[np.bool_]:
    """Return which rows are taken over with another record, bool (N,)."""
    times = changes.recorded[plan.files] != changes.times[plan.files]
    changed = ~changes.own[plan.files] | changes.retold[plan.files] | times
    result: NDArray[np.bool_] = changed & (plan.rows >= 0)
    return result


def differs(plan: Plan, changes: Changes, known: Known) -> bool:
    """Whether the next index says anything else than the earlier one.

    That the time of a file is no longer in doubt is not worth a new index.
    """
    moved = ~changes.own[plan.files] | changes.retold[plan.files]
    if len(plan.rows) != known.count or not plan.same_rows or moved.any():
        return True
    touched = (changes.recorded != IN_DOUBT) & (changes.recorded != changes.times)
    if (touched & (changes.rows >= 0)).any():
        return True
    before = {(known.ids[row], name) for row, name, _ in known.same_files()}
    return before != {(plan.ids[row], changes.names[number]) for row, number in plan.elsewhere}
