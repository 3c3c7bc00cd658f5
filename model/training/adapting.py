"""Adapts a bundle's network to a folder of pictures, and keeps it only if that helped.

No labels and no teacher: before and after, views of the pictures are searched with among them
(`finding.py`), by the encoders as they serve. The adapted one must find more than chance explains,
and no less of what it knew, the pictures of the bundle's own gallery. Otherwise the bundle's
encoder stays as it was.
"""

import hashlib
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

import msgspec

from model.bundle import BundleError, Manifest, open_bundle, read_manifest
from model.encoder import Encoder
from model.publishing import publish_model
from model.training import recipes
from model.training.anchor import Start, projected
from model.training.configuration import Adapting, AnyNetwork, Network, Recipe
from model.training.data import Pictures, open_prepared
from model.training.errors import TrainingError
from model.training.export import Origin, export
from model.training.finding import SEARCHED_WITH, Found, find
from model.training.job import Options, data_of
from model.training.known import Known
from model.training.train import Result, train
from model.training.verdict import Verdict, judged, nothing_to_gain

FOLDER: Final = "adapting"
_VERDICT: Final = "verdict.json"
_PASSES: Final = 300  # over a small folder, at most
_EPOCHS: Final = 8  # at most: each ends with an evaluation
_THREADS: Final = 2


def adapt(start: Start, prepared: Path, out: Path, told: Options) -> Literal["done", "stopped"]:
    """Put the better of two models into `out`/bundle: the start's, or it adapted to the pictures.

    told: what the command line says of a training; its recipe, job folder and start are chosen
    here. Where nothing changed since the last time, nothing is done. Raises TrainingError.
    """
    pictures = open_prepared(prepared)
    recipe = recipe_for(start, pictures)
    job_dir = out / FOLDER / _key(recipe, told, pictures)
    bundle = out / "bundle"
    if _settled(job_dir, bundle):
        _say("the same pictures as the last time: there is nothing to train")
        return "done"
    job_dir.mkdir(parents=True, exist_ok=True)
    _say(f"searching {len(pictures):,} pictures with parts of them, by the bundle's encoder")
    before = _found(start.bundle, start.manifest, pictures)
    if before.precision == 1.0:
        _keep_bundled(start, bundle, job_dir, nothing_to_gain(before))
        return "done"
    wanted = replace(told, recipe=recipe, job_dir=job_dir, start=start.checkpoint)
    result = train(wanted)
    if result.ended == "stopped":
        return "stopped"
    _choose(start, result, before, pictures, bundle)
    return "done"


def recipe_for(start: Start, pictures: Pictures) -> Recipe:
    """Return the recipe `adapted` for this network and this many pictures.

    A small folder is shown many times over, a large one in part.
    """
    recipe = recipes.find("adapted")
    adapting = recipe.adapting or Adapting()
    passes = max(1, min(_PASSES, adapting.pictures // len(pictures)))
    epochs = min(_EPOCHS, passes)
    folders = {place.path.split("/")[0] for place in pictures.places}
    return msgspec.structs.replace(
        recipe,
        network=start.recipe.network,
        augmentation=msgspec.structs.replace(
            recipe.augmentation, side=_side(start.recipe.network, recipe.augmentation.side)
        ),
        epochs=epochs,
        repeats=dict.fromkeys(sorted(folders), passes // epochs),
        adapting=msgspec.structs.replace(adapting, start=start.sha256, teaching=start.recipe.head),
    )


def _side(network: AnyNetwork, side: int) -> int:
    """Return the side of the squares to train on: the tutorial's network takes only its own."""
    return 256 if isinstance(network, Network) else side


def _key(recipe: Recipe, told: Options, pictures: Pictures) -> str:
    """Name the job by all that decides it: other pictures are another job, not a wrong one."""
    said = (told.num_epochs, told.batch_size, told.learning_rate, told.precision, told.seed)
    decided = msgspec.json.encode((recipe, said, pictures.fingerprint))
    return hashlib.sha256(decided).hexdigest()[:12]


def _settled(job_dir: Path, bundle: Path) -> bool:
    """Tell whether this job was judged and its result still is what the bundle holds."""
    with suppress(OSError, msgspec.DecodeError, BundleError):
        verdict = msgspec.json.decode((job_dir / _VERDICT).read_bytes(), type=Verdict)
        return verdict.checkpoint == read_manifest(bundle).model.checkpoint_sha256
    return False


def _choose(start: Start, result: Result, before: Found, pictures: Pictures, bundle: Path) -> None:
    """Compare the adapted encoder with the bundle's, and publish the better."""
    job_dir = result.checkpoint.parent
    with tempfile.TemporaryDirectory(dir=job_dir, prefix=".candidate-") as folder:
        candidate = Path(folder)
        manifest = _exported(start, result, candidate, len(pictures))
        _say("searching with the same parts, by the adapted encoder")
        after = _found(candidate, manifest, pictures)
        verdict = judged(before, after, _known(start, candidate, manifest))
        if verdict.adapted:
            _settle(verdict, candidate, manifest, bundle, job_dir)
        else:
            _keep_bundled(start, bundle, job_dir, verdict)


def _exported(start: Start, result: Result, bundle: Path, count: int) -> Manifest:
    """Export the adapted network: in integers, too, where the start is and that is exact enough."""
    job_dir = result.checkpoint.parent
    training, _ = data_of(result.state.run, job_dir)
    fitted = projected(start.checkpoint, training)
    known = start.manifest.model.trained.get("data", "what its bundle was trained on")
    origin = Origin(f"{known}; then {count:,} pictures of a folder, without labels")
    _say("exporting the adapted encoder")
    if start.quantized:
        try:
            return export(job_dir, bundle, origin=origin, quantize=True, fitted=fitted)
        except TrainingError as error:
            _say(f"{error} So it is exported in float32.")
    return export(job_dir, bundle, origin=origin, fitted=fitted)


def _found(bundle: Path, manifest: Manifest, pictures: Pictures) -> Found:
    return find(Encoder(bundle / manifest.files["encoder"].name, threads=_THREADS), pictures)


def _known(start: Start, candidate: Path, manifest: Manifest) -> tuple[Found, Found] | None:
    """Search the pictures of the start's own gallery by both encoders; None where it has none."""
    try:
        known = Known(open_bundle(start.bundle).gallery, most=SEARCHED_WITH // 2)
    except BundleError:
        return None
    _say("searching what the bundle's encoder knew, by both")
    paths = start.encoder, candidate / manifest.files["encoder"].name
    before, after = (find(Encoder(path, threads=_THREADS), known) for path in paths)
    return before, after


def _keep_bundled(start: Start, bundle: Path, job_dir: Path, verdict: Verdict) -> None:
    _settle(verdict, start.bundle, start.manifest, bundle, job_dir)


def _settle(
    verdict: Verdict, source: Path, manifest: Manifest, bundle: Path, job_dir: Path
) -> None:
    """Publish a model with what was found of it; then note it, and drop the jobs before."""
    roles = ("checkpoint", "encoder", "decoder")
    files = {role: source / manifest.files[role].name for role in roles}
    model = msgspec.structs.replace(
        manifest.model,
        trained={**manifest.model.trained, "own photos": verdict.sentence},
        measures={**manifest.model.measures, **verdict.measures},
    )
    publish_model(bundle, files, model)
    noted = msgspec.structs.replace(verdict, checkpoint=model.checkpoint_sha256)
    (job_dir / _VERDICT).write_bytes(msgspec.json.format(msgspec.json.encode(noted)) + b"\n")
    for other in job_dir.parent.iterdir():
        if other != job_dir:
            shutil.rmtree(other)
    print(verdict.sentence)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
