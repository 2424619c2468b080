"""Weights -> what ships: the int8 graph, the Keras arrays, metadata, checksums, model card.

Everything is written aside and replaces the shipped files only when the gates let it pass.
"""

import hashlib
import json
import tempfile
from pathlib import Path

import click
import keras
import numpy as np

from model import chip, engine, network
from model.engine_onnx import OnnxEngine
from model.estimator import self_test_chip
from model.probabilities import expected
from training import card, checkpoint, confidence, data, gate, options
from training.calibrate import calibrate, left_out
from training.evaluate import predict, reporting
from training.markdown import table
from training.measures import COLUMNS, measure, rows
from training.mix import average, share_of
from training.quantise import cool, correct_bias, quantise

CALIBRATION = 256  # training chips from which each tensor gets its scale
CORRECTION = 1024  # training chips from which the heads' biases are corrected
MIX_SHARE = "0.3"
FACTS, CARD = "model.json", "MODEL_CARD.md"


@click.command()
@options.chips
@click.option("--run", type=options.FOLDER, default="run", help="Folder of the run.")
@click.option("--mix", "earlier", type=options.FILE, help="Starting weights to average with.")
@click.option(
    "--mix-share", default=MIX_SHARE, callback=share_of,
    help="Share of --mix in the average, or `auto`: the best of 0 to 0.6 on the choosing half.",
)  # fmt: skip
@click.option("--out", type=options.OUTPUT, default=engine.WEIGHTS, help="Folder to write.")
@click.option(
    "--shipped-chips", type=options.FOLDER,
    help="The same photos as --chips, cut for the weights in --out, if these need other chips.",
)  # fmt: skip
@click.option("--version", required=True, help="Version of the weights, such as 1.0.0.")
@click.option("--force", is_flag=True, help="Replace the weights in --out by worse ones, too.")
def main(
    chips: Path, run: Path, earlier: Path | None, mix_share: float | None, out: Path,
    shipped_chips: Path | None, version: str, force: bool,
) -> None:  # fmt: skip
    """Export weights, compare them with the Keras model and with the weights in --out (or those
    that we ship), and replace these unless the new ones are worse."""
    best = run / checkpoint.BEST
    if not best.exists():
        raise click.ClickException(f"no {best}: train first")
    train, held_out = (data.load(chips, split) for split in ("train", "validation"))
    choosing = held_out.subset(np.flatnonzero(held_out.chooses))
    model = network.build()
    checkpoint.load(model, best)
    if earlier:
        mix_share = average(model, earlier, mix_share, choosing)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".export-") as folder:
        fresh = Path(folder)
        exact = fresh / "float32.onnx"
        fitted = write_graph(model, exact, fresh / engine.FILES["onnx"], train, choosing)
        network.save_arrays(model, fresh / engine.FILES["keras"])
        measured, reasons = weigh(fresh, exact, held_out, fitted["age_range"], out, shipped_chips)
        if reasons and not force:
            why = "; ".join(reasons)
            raise click.ClickException(f"refused, {out} is as before (or --force): {why}")
        noted = run / checkpoint.ARGUMENTS  # runs of earlier versions have none
        facts = {
            "name": "yanling-inception-resnet-v1",
            "version": version,
            "chip": chip.FACTS,
            **fitted,
            "training": json.loads(noted.read_text()) if noted.exists() else None,
            "mix": {"weights": earlier.name, "share": mix_share} if earlier else None,
            "forced": reasons,
            **measured,
            "sha256": {
                name: hashlib.sha256((fresh / name).read_bytes()).hexdigest()
                for name in engine.FILES.values()
            },
        }
        (fresh / FACTS).write_text(json.dumps(facts, indent=2) + "\n")
        share = len(held_out) / (len(held_out) + len(train))
        (fresh / CARD).write_text(card.write(facts, share))
        for name in (*engine.FILES.values(), FACTS, CARD):
            (fresh / name).replace(out / name)
    print(f"exported to {out}")


def write_graph(
    model: keras.Model, exact: Path, graph: Path, train: data.Chips, choosing: data.Chips
) -> dict:
    """Write the float32 graph `exact` and the int8 graph `graph`; divide the gender's logit by its
    temperature in `graph` and in `model`. Returns what was fitted, for `model.json`."""
    export_graph(model, exact)
    order = np.random.default_rng(0).permutation(len(train))
    quantise(exact, graph, train.batch(order[:CALIBRATION]))
    correct_bias(exact, graph, train.batch(order[-CORRECTION:]))
    ages, female = predict(OnnxEngine(graph), choosing)
    try:
        age_range = calibrate(ages, choosing.ages)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    temperature = confidence.temperature(choosing.gender[:, 0], female)
    cool(graph, temperature)
    head = model.get_layer("gender")
    head.set_weights([array / temperature for array in head.get_weights()])
    known, _ = OnnxEngine(graph).run(self_test_chip())
    return {
        "age_range": age_range,
        "gender_temperature": round(temperature, 3),
        "self_test": {"age": round(float(expected(known)[0]), 1)},
    }


def export_graph(model: keras.Model, path: Path) -> None:
    """Write the float32 graph: outputs `age` and `gender`, a batch of any size."""
    model(self_test_chip())  # Keras exports only models that were called once
    model.export(path, format="onnx", verbose=False)


def weigh(
    fresh: Path, exact: Path, held_out: data.Chips, age_range: dict, out: Path,
    shipped_chips: Path | None,
) -> tuple[dict, list[str]]:  # fmt: skip
    """The figures for `model.json`, and every reason against the graph in `fresh`."""
    before, after = (
        predict(OnnxEngine(path), held_out) for path in (exact, fresh / engine.FILES["onnx"])
    )
    chips, answers = reporting(held_out, after)
    _, unrounded = reporting(held_out, before)
    error = confidence.calibration_error(chips.gender[:, 0], answers[1])
    measured = measure(chips, *answers, age_range)
    figures = {
        "validation": measured,
        "validation_float32": measure(chips, *unrounded),
        "left_out": left_out(held_out, after[0]),
        "gender_calibration_error": None if np.isnan(error) else round(error, 4),
    }
    print(table(COLUMNS, rows(measured)))
    reasons = [
        *gate.rounding(held_out, before, after),
        *gate.calibration(chips, answers, age_range),
        *against_shipped(chips, answers, out, shipped_chips),
    ]
    return figures, reasons


def against_shipped(
    chips: data.Chips, answers: gate.Answers, out: Path, shipped_chips: Path | None
) -> list[str]:
    """Why the weights in `out`, or those that we ship, are better."""
    folder = out if (out / FACTS).exists() else engine.WEIGHTS
    try:
        if shipped_chips:
            others = data.load(shipped_chips, "reporting", any_size=True)
            here, there = data.in_both(chips, others)
            before = predict(OnnxEngine(folder / engine.FILES["onnx"]), others.subset(there))
            chips, answers = chips.subset(here), (answers[0][here], answers[1][here])
        else:
            before = predict(engine.open_engine(folder=folder), chips)
    except engine.WeightsError as error:
        return [f"there was nothing to compare them with: {error}"]
    compared = list(gate.compare(chips, before, answers))
    print(table(gate.COLUMNS, (one.row() for one in compared)))
    return list(gate.regressions(compared))
