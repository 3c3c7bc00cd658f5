"""Searches for what nobody thought of: `make fuzz`."""
