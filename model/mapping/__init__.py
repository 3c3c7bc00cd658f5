"""The map: every picture of a gallery has a place of its own on one plane, like beside like."""
