"""Trains the autoencoder: a plain loop that can be stopped at any step and goes on from there."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec
import numpy as np

from model.progress import duration
from model.training import checkpoints, health, projection, spread
from model.training.autoencoder import decoder_of, encoder_of
from model.training.batches import Batch, Plan
from model.training.configuration import State
from model.training.holding import adapting_step
from model.training.job import Job, Options, begin
from model.training.monitor import Monitor, as_pixels
from model.training.redrawing import redrawing_step
from model.training.runtime import tf
from model.training.steps import Step, learning_rate, measure, scaled, training_step

_REPORT_STEPS: Final = 100
_REPORT_STEPS_ADAPTING: Final = 10  # it takes minutes, so people look on
_SHOWN: Final = 8  # reconstructions in TensorBoard
_EXAMINED: Final = 256  # pictures whose embeddings' spread is measured after every epoch
_PROJECTED: Final = 1000  # pictures in the embedding projector


@dataclass(frozen=True)
class Result:
    """How a training ended: its epochs done, or by a signal; and where its checkpoint lies."""

    ended: Literal["finished", "stopped"]
    state: State
    checkpoint: Path


def train(options: Options) -> Result:
    """Train, or go on with, a job; return when its epochs are done or a signal asks to stop.

    Raises TrainingError with a sentence: a foreign job folder, missing data, a diverged run.
    """
    tf.config.experimental.enable_op_determinism()  # costs nothing measurable on a CPU
    job = begin(options)
    trainer = _Trainer(options, job)
    with _signals() as stop:
        return trainer.fit(stop)


class _Trainer:
    """One process's part of a training."""

    def __init__(self, options: Options, job: Job) -> None:
        recipe = job.state.run.recipe
        self._options, self._autoencoder, self._state = options, job.autoencoder, job.state
        self._training, self._evaluation = job.training, job.evaluation
        self._evaluation_targets = job.evaluation_targets
        self._plan = Plan(
            job.training, recipe, seed=job.state.run.seed, targets=job.training_targets
        )
        self._end = recipe.epochs * self._plan.steps_per_epoch
        self._step = _step_of(job)
        self._report_steps = _REPORT_STEPS if job.anchor is None else _REPORT_STEPS_ADAPTING
        self._monitor = Monitor(options.job_dir)

    def fit(self, stop: threading.Event) -> Result:
        """Do the steps that are left."""
        self._say_start()
        pace = _Pace(self._end)
        try:
            for batch in self._plan.batches(self._state.step, self._end):
                if self._is_late():
                    break
                self._one_step(batch, pace)
                if stop.is_set():
                    return Result("stopped", self._state, self._save())
            checkpoint = self._save()
            self._project()
        finally:
            self._monitor.close()
        return Result("finished", self._state, checkpoint)

    def _is_late(self) -> bool:
        """Tell whether an adaptation has had its time: a slow machine does fewer steps."""
        adapting = self._state.run.recipe.adapting
        late = adapting is not None and self._state.seconds >= adapting.seconds
        if late:
            _say(f"that is {duration(self._state.seconds)}, and enough")
        return late

    def _one_step(self, batch: Batch, pace: "_Pace") -> None:
        """Train on a batch; report, evaluate and save where it is time."""
        began = time.monotonic()
        rate = learning_rate(self._state.run.recipe, self._state.step, self._end)
        self._autoencoder.optimizer.learning_rate.assign(rate)
        stepped = self._step(batch)
        loss, largest, length = (float(value) for value in stepped[:3])
        self._check(loss, largest)
        health.check_gradient(self._state.step, length, self._state.run.recipe.learning_rate)
        pace.add(
            loss, {name: float(part) for name, part in stepped.parts.items()}, len(batch.pixels)
        )
        step = self._state.step + 1
        seconds = self._state.seconds + time.monotonic() - began
        self._state = msgspec.structs.replace(self._state, step=step, seconds=seconds)
        if step % self._report_steps == 0 or step == self._end:
            self._report(pace, rate)
        if step % self._plan.steps_per_epoch == 0:
            self._evaluate()
        if step % self._options.checkpoint_steps == 0 and step < self._end:
            self._save()

    def _check(self, loss: float, largest: float) -> None:
        step, highest_rate = self._state.step, self._state.run.recipe.learning_rate
        health.check_loss(step, loss, highest_rate)
        health.check_codes(step, largest, highest_rate)

    def _report(self, pace: "_Pace", rate: float) -> None:
        step = self._state.step
        loss, parts, speed, left = pace.take(step)
        _say(
            f"step {step:,} of {self._end:,}: loss {loss:.4f}, "
            f"{speed:.1f} pictures/s, {duration(left)} left"
        )
        curves = {"loss": loss, "learning rate": rate, "pictures per second": speed}
        self._monitor.scalars(step, curves | {f"loss/{name}": part for name, part in parts.items()})

    def _evaluate(self) -> None:
        """Measure the loss on the evaluation's pictures, and show some of them."""
        size = self._state.run.recipe.batch_size
        batches = self._evaluation.batches(size)
        losses = [measure(self._autoencoder, pixels)[0].numpy() for pixels in batches]
        loss = float(np.concatenate(losses).mean())
        epoch = self._state.step // self._plan.steps_per_epoch
        by_epoch = {**self._state.evaluation_loss, epoch: loss}
        self._state = msgspec.structs.replace(self._state, evaluation_loss=by_epoch)
        _say(f"epoch {epoch} of {self._state.run.recipe.epochs}: evaluation loss {loss:.4f}")
        self._monitor.scalars(self._state.step, {"evaluation loss": loss})
        self._examine(epoch)
        shown = self._evaluation.some(_SHOWN)
        originals = shown.pixels(range(len(shown)))
        codes = encoder_of(self._autoencoder)(scaled(originals), training=False)
        reconstructed = as_pixels(decoder_of(self._autoencoder)(codes, training=False))
        self._monitor.reconstructions(self._state.step, originals, reconstructed)

    def _examine(self, epoch: int) -> None:
        """Tell how the embeddings are spread, and how near they are to the teacher's."""
        some = self._evaluation.some(_EXAMINED)
        spreads = spread.measures(self._autoencoder, some, spread.unit)
        curves = {f"health/{name}": value for name, value in spreads.items()}
        self._monitor.scalars(self._state.step, curves)
        if self._evaluation_targets is None:
            return
        answers = projection.features_of(self._autoencoder, self._evaluation)
        cosine = float(np.mean((answers * self._evaluation_targets.whole()).sum(axis=1)))
        by_epoch = {**self._state.evaluation_cosine, epoch: cosine}
        self._state = msgspec.structs.replace(self._state, evaluation_cosine=by_epoch)
        _say(f"epoch {epoch}: cosine {cosine:.4f} to the teacher")
        self._monitor.scalars(self._state.step, {"evaluation cosine": cosine})

    def _save(self) -> Path:
        """Write a checkpoint, after making sure that these weights are worth one."""
        step, rate = self._state.step, self._state.run.recipe.learning_rate
        health.check_weights(step, self._autoencoder, rate)
        sample = self._training.some(self._state.run.recipe.batch_size)
        losses, largest = measure(self._autoencoder, sample.pixels(range(len(sample))))
        self._check(float(losses.numpy().mean()), float(largest))
        return checkpoints.save(self._options.job_dir, self._autoencoder, self._state)

    def _project(self) -> None:
        """Lay out the embedding projector for the pictures of the evaluation."""
        shown = self._evaluation.some(_PROJECTED)
        fitted = projection.fit(self._autoencoder, self._training.some(_PROJECTED))
        self._monitor.projector(projection.embed(self._autoencoder, fitted, shown), shown)

    def _say_start(self) -> None:
        run, step = self._state.run, self._state.step
        _say(
            f"recipe {run.recipe.name}, {run.recipe.precision}, batches of "
            f"{run.recipe.batch_size} from {len(self._training):,} pictures; "
            f"{len(self._evaluation):,} more for evaluation"
        )
        if step:
            _say(f"going on after step {step:,} of {self._end:,}")


def _step_of(job: Job) -> Step:
    recipe = job.state.run.recipe
    if job.anchor is not None:
        return adapting_step(job.autoencoder, recipe, job.anchor)
    make = redrawing_step if recipe.only_decoder else training_step
    return make(job.autoencoder, recipe)


class _Pace:
    """Loss and speed since the last report, and the time that is left at the speed since start."""

    def __init__(self, end: int) -> None:
        self._end = end
        self._losses: list[float] = []
        self._parts: list[dict[str, float]] = []
        self._pictures = 0
        self._since = time.monotonic()

    def add(self, loss: float, parts: dict[str, float], pictures: int) -> None:
        """Count one step."""
        self._losses.append(loss)
        self._parts.append(parts)
        self._pictures += pictures

    def take(self, step: int) -> tuple[float, dict[str, float], float, float]:
        """Return mean loss and parts, pictures per second and seconds left, and start anew."""
        now = time.monotonic()
        seconds = now - self._since
        loss, speed = float(np.mean(self._losses)), self._pictures / seconds
        left = (self._end - step) * seconds / len(self._losses)
        parts = {name: float(np.mean([p[name] for p in self._parts])) for name in self._parts[0]}
        self._losses, self._parts, self._pictures, self._since = [], [], 0, now
        return loss, parts, speed, left


@contextmanager
def _signals() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C or SIGTERM into an event; a second one ends the process as usual."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def request(*_: object) -> None:
        _say("stopping after this step; a second Ctrl-C stops at once")
        stop.set()
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, request)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
