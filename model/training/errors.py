"""The one error that training raises for people to read."""

from model.command import CommandError


class TrainingError(CommandError):
    """Preparing, training or exporting cannot go on; its text says why and what to do."""
