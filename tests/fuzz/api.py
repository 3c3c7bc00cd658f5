"""The API under schemathesis for as long as is wanted, each time with other requests.

`python -m tests.fuzz.api --seconds 600`. Requests are generated out of the served document, as it
allows and against it, with pictures of the corpus; each answer is held against the document, and a
5xx is a failure. Ends with the first one, and says how to repeat it.
"""

import argparse
import itertools
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app import create_app
from model.indexing import index_folder
from model.publishing import adopt_model
from tests import corpus, drawing
from tests.conftest import ROOT

_AT_ONCE: Final = 10  # requests to one operation before it is another's turn


def main() -> None:
    """Try all operations in turn until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seen = _fuzz(_document(Path(folder)), time.monotonic() + options.seconds)
    told = ", ".join(f"{count:,} x {status}" for status, count in sorted(seen.items()))
    print(f"{sum(seen.values()):,} requests, all answered as the document says: {told}.")


def _document(folder: Path) -> Any:
    """Serve some drawn pictures, and return the document of their API."""
    adopt_model(folder / "bundle", ROOT / "model" / "bundle")
    index_folder(drawing.fill(folder / "pictures", each=2), folder / "bundle", jobs=1)
    pictures = st.sampled_from(list(corpus.short().values()))
    mixed = st.one_of(pictures, st.binary(min_size=1))
    schemathesis.openapi.media_type("image/*", mixed, aliases=["application/octet-stream"])
    app = create_app({"TESTING": True, "BUNDLE": str(folder / "bundle")})
    config = schemathesis.Config()
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)


def _fuzz(document: Any, end: float) -> Counter[int]:
    operations = [each.ok() for each in document.get_all_operations() if isinstance(each, Ok)]
    seen = Counter[int]()
    tries = itertools.cycle(itertools.product(operations, GenerationMode))
    for operation, mode in tries:
        if time.monotonic() >= end:
            return seen
        with suppress(Unsatisfiable):  # some take nothing that could be wrong
            _send(operation, mode, seen)
    return seen


def _send(operation: APIOperation[Any, Any, Any, Any], mode: Any, seen: Counter[int]) -> None:
    # No document can say which bytes are a picture, which id is known, nor how large a picture is.
    left: list[Any] = [positive_data_acceptance]

    @settings(
        database=None, deadline=None, max_examples=_AT_ONCE,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy(generation_mode=mode))
    def send(case: Case[Any]) -> None:
        seen[case.call_and_validate(excluded_checks=left).status_code] += 1

    send()


if __name__ == "__main__":
    main()
