"""The one error that training raises for people to read."""


class TrainingError(Exception):
    """Preparing, training or exporting cannot go on; its text says why and what to do."""
