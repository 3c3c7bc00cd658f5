"""How rightly copies are told, and how fast they are found: python -m benchmarks.copies."""
