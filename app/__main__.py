"""`python -m app` serves; it also tells people and the documentation what can be set."""

import argparse
import json
import sys

from app import settings
from app.languages import LanguageError
from app.sense import checked
from app.serving import place_of, serve
from app.settings import SettingsError
from model.command import CommandError


def main() -> None:
    """Serve, or print the table of settings."""
    parser = argparse.ArgumentParser(
        prog="python -m app",
        description="Serve the bundle of the settings, or index a folder of photos and serve that.",
        epilog="Settings are environment variables:\n\n" + settings.text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--photos", metavar="FOLDER", default="", help="index and serve this folder"
    )
    parser.add_argument("--port", type=int, help="listen here (default: IMAGESEARCH_PORT)")
    parser.add_argument(
        "--where", action="store_true", help="print the bundle of the folder of photos, and stop"
    )
    parser.add_argument(
        "--settings-markdown", action="store_true", help="print the table of docs/settings.md"
    )
    parser.add_argument(
        "--check", action="store_true", help="print the settings, and what is odd about them: JSON"
    )
    options = parser.parse_args()
    if options.settings_markdown:
        sys.stdout.write(settings.markdown())
    elif options.check:
        check()
    elif options.where:
        where(options.photos)
    else:
        serve(options.photos, options.port)


def where(photos: str) -> None:
    """Print where the bundle of a folder of photos lies."""
    try:
        print(place_of(photos))
    except CommandError as error:
        sys.exit(str(error))


def check() -> None:
    """Print what the environment sets, for `python -m model doctor`."""
    try:
        print(json.dumps(checked()))
    except (SettingsError, LanguageError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
