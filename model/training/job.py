"""Begins a job, or takes it up where it was left; refuses a job folder that holds another one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from model.bundle import hash_of
from model.training import checkpoints, head_start, recipes
from model.training.anchor import Anchor, anchored, take_over
from model.training.autoencoder import build, encoder_of, head_of
from model.training.configuration import Adapting, Precision, Recipe, Run, Source, Stage, State
from model.training.data import Pictures, apart, split
from model.training.errors import TrainingError
from model.training.preparing import find
from model.training.runtime import fast_bfloat16, keras
from model.training.targets import Targets, open_targets

DEFAULT_RECIPE: Final = "tutorial"
_EVALUATED: Final = 256  # pictures at most, while a network is adapted


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line says; None stands for the checkpoint's value, or else the recipe's.

    start: the checkpoint whose weights a fresh job begins with; where a recipe adapts, it also
        holds it.
    """

    job_dir: Path
    train_files: str | None = None
    eval_files: str | None = None
    recipe: str | Recipe | None = None
    start: Path | None = None
    num_epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    precision: Precision | None = None
    seed: int | None = None
    checkpoint_steps: int = 500


@dataclass(frozen=True)
class Job:
    """Everything that a training starts with. `autoencoder` has its optimizer.

    The targets are None where nothing is taught, and those of the evaluation where its pictures lie
    in another folder: axes that were fitted on other pictures cannot be compared. The anchor is
    there where a network is adapted.
    """

    autoencoder: Any
    state: State
    training: Pictures
    evaluation: Pictures
    training_targets: Targets | None = None
    evaluation_targets: Targets | None = None
    anchor: Anchor | None = None


def begin(options: Options) -> Job:
    """Return the job of this folder: fresh, or as its newest checkpoint holds it.

    Raises TrainingError where the options do not fit the checkpoint, or data are missing.
    """
    options.job_dir.mkdir(parents=True, exist_ok=True)
    newest = checkpoints.latest(options.job_dir)
    if newest is None:
        training, evaluation = _pictures(options, None)
        run = _run(options, None, training, evaluation)
        autoencoder = _fresh(run, options.start)
        job = _job(options, autoencoder, State(run=run), training, evaluation)
        if options.start and job.training_targets and not run.recipe.only_decoder:
            head_start.give(encoder_of(autoencoder), head_of(autoencoder), job.training_targets)
        return job
    old = checkpoints.read_state(newest).run
    training, evaluation = _pictures(options, old)
    run = _run(options, old, training, evaluation)
    _refuse_another(old, run, options.job_dir)
    autoencoder, state = checkpoints.load(newest)
    state = msgspec.structs.replace(state, run=run)
    return _job(options, autoencoder, state, training, evaluation)


def _job(
    options: Options, autoencoder: Any, state: State, training: Pictures, evaluation: Pictures
) -> Job:
    recipe = state.run.recipe
    comparable = training.folder == evaluation.folder
    return Job(
        autoencoder,
        state,
        training,
        evaluation,
        _targets(recipe, training),
        _targets(recipe, evaluation) if comparable else None,
        _anchor(recipe, options.start, training),
    )


def _anchor(recipe: Recipe, start: Path | None, pictures: Pictures) -> Anchor | None:
    """Return what holds an adaptation. Raises TrainingError."""
    if recipe.adapting is None:
        return None
    if start is None:
        raise TrainingError(
            f"The recipe {recipe.name!r} adapts a bundle's network, so it needs one. Use it this "
            "way: make train PHOTOS=folder"
        )
    return anchored(start, pictures, recipe.precision)


def _targets(recipe: Recipe, pictures: Pictures) -> Targets | None:
    """Return what the recipe's teacher says of these pictures. Raises TrainingError."""
    if recipe.teaching is None:
        return None
    taught = recipe.teaching
    return open_targets(pictures, taught.teacher, taught.dimensions, taught.whitening)


def data_of(run: Run, job_dir: Path) -> tuple[Pictures, Pictures]:
    """Return the training's and the evaluation's pictures of a run that was begun before."""
    training, evaluation = _pictures(Options(job_dir=job_dir), run)
    if _fingerprints(run) != (training.fingerprint, evaluation.fingerprint):
        raise TrainingError(
            f"The pictures in {run.training.files} are not those that {job_dir} was trained on. "
            "Prepare the same pictures there again, or train anew with another --job-dir."
        )
    return training, evaluation


def _pictures(options: Options, old: Run | None) -> tuple[Pictures, Pictures]:
    train_files, eval_files = _files(options, old)
    if not train_files:
        raise TrainingError("--train-files is missing: name a prepared folder, or a glob.")
    training = find(train_files, options.job_dir / "data" / "training")
    if eval_files:
        evaluation = find(eval_files, options.job_dir / "data" / "evaluation")
        training = apart(training, evaluation)
    else:
        training, evaluation = split(training)
    adapting = _adapting(options, old)
    if adapting is not None:
        training, evaluation = training.some(adapting.pictures), evaluation.some(_EVALUATED)
    if not training or not evaluation:
        raise TrainingError(
            f"{train_files} has too few pictures: at least one is needed to train on, and one "
            "other to evaluate on."
        )
    return training, evaluation


def _adapting(options: Options, old: Run | None) -> Adapting | None:
    if isinstance(options.recipe, Recipe):
        return options.recipe.adapting
    return old.recipe.adapting if old else None


def _files(options: Options, old: Run | None) -> tuple[str, str]:
    """Return where the pictures are: as the options say, or else as it was before."""
    train_files = options.train_files or (old.training.files if old else "")
    eval_files = options.eval_files or (old.evaluation.files if old else "")
    return train_files, eval_files


def _run(options: Options, old: Run | None, training: Pictures, evaluation: Pictures) -> Run:
    """Put the run together: the options first, then the checkpoint, then the recipe."""
    train_files, eval_files = _files(options, old)
    seed = options.seed if options.seed is not None else old.seed if old else 0
    recipe = _recipe(options, old)
    targets = _targets(recipe, training)
    return Run(
        recipe=recipe,
        seed=seed,
        training=_source(train_files, training),
        evaluation=_source(eval_files, evaluation),
        targets=targets.label.sha256 if targets else "",
        start=_start(options, old, recipe),
        before=_before(options, old, recipe),
    )


def _start(options: Options, old: Run | None, recipe: Recipe) -> str:
    """Return the hash of what the weights come from; a recipe that adapts says so itself."""
    if recipe.adapting is not None:
        return ""
    if options.start is None:
        return old.start if old else ""
    if not options.start.is_file():
        raise TrainingError(f"There is no checkpoint {options.start} to begin with.")
    return hash_of(options.start)


def _before(options: Options, old: Run | None, recipe: Recipe) -> tuple[Stage, ...]:
    if recipe.adapting is not None:
        return ()
    if options.start is None:
        return old.before if old else ()
    begun = checkpoints.read_state(options.start)
    last = Stage(recipe=begun.run.recipe.name, steps=begun.step, seconds=begun.seconds)
    return (*begun.run.before, last)


def _recipe(options: Options, old: Run | None) -> Recipe:
    named = options.recipe or DEFAULT_RECIPE
    base = named if isinstance(named, Recipe) else recipes.find(named)
    if old and options.recipe in (None, old.recipe.name):
        base = old.recipe
    given = {
        "epochs": options.num_epochs,
        "batch_size": options.batch_size,
        "learning_rate": options.learning_rate,
        "precision": options.precision,
    }
    said = {name: value for name, value in given.items() if value is not None}
    recipe = msgspec.structs.replace(base, **said)
    if recipe.precision != "auto":
        return recipe
    precision: Precision = "bfloat16" if fast_bfloat16() else "float32"
    return msgspec.structs.replace(recipe, precision=precision)


def _source(files: str, pictures: Pictures) -> Source:
    return Source(files=files, pictures=len(pictures), fingerprint=pictures.fingerprint)


def _fresh(run: Run, start: Path | None) -> Any:
    keras.utils.set_random_seed(run.seed)
    recipe = run.recipe
    autoencoder = build(recipe.network, recipe.head, recipe.contrast, precision=recipe.precision)
    if start is not None:
        _begin_with(autoencoder, start, recipe)
    elif recipe.only_decoder:
        raise TrainingError(
            f"The recipe {recipe.name!r} trains the decoder of a network alone, so it needs one: "
            "name its checkpoint, --start CHECKPOINT."
        )
    autoencoder.compile(optimizer=_optimizer(recipe), loss="mse")
    autoencoder.optimizer.build(autoencoder.trainable_variables)  # else the first step traces twice
    return autoencoder


def _asked(recipe: Recipe) -> tuple[str, int] | None:
    """Return what a head learnt, and in how many dimensions; None without a head."""
    return (recipe.head.teacher, recipe.head.dimensions) if recipe.head else None


def _begin_with(autoencoder: Any, start: Path, recipe: Recipe) -> None:
    """Take the weights of a checkpoint of the same network. Raises TrainingError."""
    trained, state = checkpoints.load(start)
    theirs = state.run.recipe
    if theirs.network != recipe.network or _asked(theirs) != _asked(recipe):
        raise TrainingError(
            f"{start} holds another network, of the recipe {theirs.name!r}: the recipe "
            f"{recipe.name!r} cannot begin with its weights."
        )
    take_over(autoencoder, trained)


def _optimizer(recipe: Recipe) -> Any:
    if recipe.optimizer == "adam":
        return keras.optimizers.Adam(recipe.learning_rate)
    return keras.optimizers.AdamW(recipe.learning_rate, weight_decay=recipe.weight_decay)


def _refuse_another(old: Run, new: Run, job_dir: Path) -> None:
    """Raise TrainingError that names what differs. More epochs than before are welcome."""
    differs = [
        f"{name} {getattr(old.recipe, name)!r} there, {getattr(new.recipe, name)!r} now"
        for name in Recipe.__struct_fields__
        if name != "epochs" and getattr(old.recipe, name) != getattr(new.recipe, name)
    ]
    if old.seed != new.seed:
        differs.append(f"seed {old.seed} there, {new.seed} now")
    if old.start != new.start:
        differs.append("other weights to begin with")
    if _fingerprints(old) != _fingerprints(new):
        differs.append("other pictures")
    elif old.targets != new.targets:
        differs.append("other targets of the teacher")
    if differs:
        raise TrainingError(
            f"{job_dir} holds another training ({'; '.join(differs)}). Go on with that one by "
            "leaving these options as they were, or choose another --job-dir."
        )


def _fingerprints(run: Run) -> tuple[str, str]:
    return run.training.fingerprint, run.evaluation.fingerprint
