"""Whether all is there that a server needs: `python -m model doctor`; /readyz asks a part of it."""
