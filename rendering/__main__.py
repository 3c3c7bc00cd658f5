"""Entry point: `python -m rendering`."""

import sys

from rendering.command import main

# Worker processes read this file, too.
if __name__ == "__main__":
    sys.exit(main())
