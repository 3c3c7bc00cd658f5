"""`python -m app` serves; it also tells people and the documentation what can be set."""

import argparse
import sys

from app import settings
from app.serving import place_of, serve


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
    options = parser.parse_args()
    if options.settings_markdown:
        sys.stdout.write(settings.markdown())
    elif options.where:
        print(place_of(options.photos))
    else:
        serve(options.photos, options.port)


if __name__ == "__main__":
    main()
