"""Lets `python -m rendering` start the command line."""

from rendering.command import main

raise SystemExit(main())
