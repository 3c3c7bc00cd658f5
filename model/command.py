"""How every command ends: with a status, and with a sentence where something went wrong."""

import sys
from collections.abc import Callable
from typing import Final

DONE: Final = 0
FAILED: Final = 1
SOME_FAILED: Final = 3  # done, but for some files; 2 is argparse's, for wrong use
STOPPED: Final = 130  # by Ctrl-C, as a shell has it


class CommandError(Exception):
    """Something that cannot be done; its text tells whoever asked what, why, and what to do."""


def run(name: str, action: Callable[[], int]) -> int:
    """Return the action's status; an error that can be expected becomes a sentence and a status."""
    try:
        return action()
    except CommandError as error:
        return _fail(f"{name}: {error}")
    except ModuleNotFoundError as error:
        return _fail(f"{name} needs {error.name}: requirements.txt has it.")
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return _fail(f"{name}: {error.strerror or error}{where}.")
    except KeyboardInterrupt:
        return _fail(f"\n{name}: stopped; what was finished before is kept.", STOPPED)


def _fail(sentence: str, status: int = FAILED) -> int:
    print(sentence, file=sys.stderr)
    return status
