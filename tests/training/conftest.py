"""One small training that most tests look at: recipe "sketch", two epochs of drawn pictures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from model.training.job import Options
from model.training.preparing import prepare
from model.training.runtime import tf
from model.training.train import Result, train

# Keras 3.15 turns TensorFlow's variables into NumPy arrays in a way that NumPy 2.4 warns of.
_OF_KERAS: Final = "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let that one warning pass in the tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(_OF_KERAS))


@contextmanager
def at_once() -> Iterator[None]:
    """Compute without graphs: one takes seconds to make, which a few steps do not repay."""
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.fixture
def without_graphs() -> Iterator[None]:
    with at_once():
        yield


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, drawn: Path) -> Path:
    """Return a prepared folder of the 24 drawn pictures."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare([drawn], folder, jobs=1)
    return folder


@pytest.fixture(scope="session")
def options(prepared: Path) -> Callable[[Path], Options]:
    """Return what makes a job folder the options of a small training in it."""
    template = Options(
        job_dir=Path(),
        train_files=str(prepared),
        recipe="sketch",
        num_epochs=2,
        batch_size=8,
        seed=3,
        precision="float32",  # the same numbers on every processor
    )
    return lambda job_dir: replace(template, job_dir=job_dir)


@pytest.fixture(scope="session")
def straight(
    tmp_path_factory: pytest.TempPathFactory, options: Callable[[Path], Options]
) -> Result:
    """Return a training that ran from its first step to its last without a stop."""
    return train(options(tmp_path_factory.mktemp("straight")))
