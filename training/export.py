"""Weights -> what ships: the int8 graph, the Keras arrays, metadata, checksums, model card.

A graph that loses accuracy on validation is refused.
"""

import hashlib
import json
import tempfile
from pathlib import Path

import click
import numpy as np

from model import chip, engine, network
from model.engine_onnx import OnnxEngine
from model.estimator import self_test_chip
from model.probabilities import expected
from training import card, checkpoint, data, options
from training.calibrate import calibrate
from training.evaluate import predict
from training.markdown import table
from training.measures import COLUMNS, measure, overall, rows
from training.quantise import correct_bias, quantise

CALIBRATION = 256  # training chips from which each tensor gets its scale
CORRECTION = 1024  # training chips from which the heads' biases are corrected
MIX_SHARE = 0.3
MAX_LOSS_YEARS = 0.05
MAX_LOSS_GENDER = 0.001


@click.command()
@options.chips
@click.option("--run", type=options.FOLDER, default="run", help="Folder of the run.")
@click.option("--mix", "earlier", type=options.FILE, help="Starting weights to average with.")
@click.option("--mix-share", default=MIX_SHARE, help="Share of --mix in the average.")
@click.option("--out", type=options.OUTPUT, default=engine.WEIGHTS, help="Folder to write.")
@click.option("--version", required=True, help="Version of the weights, such as 1.0.0.")
def main(
    chips: Path, run: Path, earlier: Path | None, mix_share: float, out: Path, version: str
) -> None:
    """Export weights, compare the graph with the Keras model on validation, write it all."""
    best = run / checkpoint.BEST
    if not best.exists():
        raise click.ClickException(f"no {best}: train first")
    model = network.build()
    network.load_arrays(model, best)
    if earlier:
        mix(model, earlier, mix_share)
    out.mkdir(parents=True, exist_ok=True)
    arrays, graph = (out / engine.FILES[name] for name in ("keras", "onnx"))
    network.save_arrays(model, arrays)
    train, held_out = (data.load(chips, split) for split in ("train", "validation"))
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "float32.onnx"
        export_graph(model, exact)
        order = np.random.default_rng(0).permutation(len(train))
        quantise(exact, graph, train.batch(order[:CALIBRATION]))
        correct_bias(exact, graph, train.batch(order[-CORRECTION:]))
        before = measure(held_out, *predict(OnnxEngine(exact), held_out))
    ages, female = predict(OnnxEngine(graph), held_out)
    after = measure(held_out, ages, female)
    print(table(COLUMNS, rows(after)))
    gate(before, after)
    known, _ = OnnxEngine(graph).run(self_test_chip())
    noted = run / checkpoint.ARGUMENTS  # runs of earlier versions have none
    facts = {
        "name": "yanling-inception-resnet-v1",
        "version": version,
        "chip": chip.FACTS,
        "age_range": calibrate(ages, held_out.ages),
        "self_test": {"age": round(float(expected(known)[0]), 1)},
        "training": json.loads(noted.read_text()) if noted.exists() else None,
        "validation": after,
        "validation_float32": before,
        "sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (arrays, graph)
        },
    }
    (out / "model.json").write_text(json.dumps(facts, indent=2) + "\n")
    share = len(held_out) / (len(held_out) + len(train))
    (out / "MODEL_CARD.md").write_text(card.write(facts, share))
    print(f"exported to {out}")


def mix(model, earlier: Path, share: float) -> None:
    """Average the model with the weights it was fine-tuned from: what only one has memorised
    fades, what both have learned stays (Wortsman et al., "Robust fine-tuning of zero-shot models",
    2022)."""
    with np.load(earlier) as old:
        network.assign(
            model,
            {
                name: (1 - share) * now + share * old[name].astype("float32")
                for name, now in network.arrays(model).items()
            },
        )


def export_graph(model, path: Path) -> None:
    """Write the float32 graph: outputs `age` and `gender`, a batch of any size."""
    model(self_test_chip())  # Keras exports only models that were called once
    model.export(path, format="onnx", verbose=False)


def gate(before: dict, after: dict) -> None:
    """Refuse a graph that lost accuracy on validation as a whole."""
    years = overall(after, "mae") - overall(before, "mae")
    gender = overall(before, "gender") - overall(after, "gender")
    print(f"int8 costs {years:+.3f} years of MAE and {gender:+.2%} of gender accuracy")
    if years > MAX_LOSS_YEARS or gender > MAX_LOSS_GENDER:
        raise click.ClickException("refused: the int8 graph is less accurate than the model")
