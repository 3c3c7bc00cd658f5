"""Calibrates what similarities are worth, and publishes how well that holds on other pictures."""
