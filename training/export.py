"""Weights -> what ships: the int8 graph, the Keras arrays, metadata, checksums, model card.

The graph is refused when it costs accuracy on validation.
"""

import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np

from model import chip, engine, network
from model.age_range import expected
from model.engine_onnx import OnnxEngine
from model.estimator import self_test_chip
from training import card, checkpoint, data
from training.calibrate import calibrate
from training.evaluate import measure, overall, predict, show
from training.quantise import correct_bias, quantise

CALIBRATION = 256  # training chips that give each tensor its scale
CORRECTION = 1024  # training chips that give the heads their bias back
MIX_SHARE = 0.3
MAX_LOSS_YEARS = 0.05
MAX_LOSS_GENDER = 0.001


def add_arguments(parser) -> None:
    parser.add_argument("--chips", type=Path, default=Path("chips"), help="what prepare wrote")
    parser.add_argument("--run", type=Path, default=Path("run"), help="what train wrote")
    parser.add_argument(
        "--mix", type=Path, metavar="NPZ", help="earlier weights that the run went on from"
    )
    parser.add_argument(
        "--mix-share", type=float, default=MIX_SHARE, help="their share, default: %(default)s"
    )
    parser.add_argument("--out", type=Path, default=engine.WEIGHTS, help="default: %(default)s")
    parser.add_argument("--version", required=True, help="of the weights, such as 1.0.0")


def run(args) -> None:
    """Export, hold the graph against the Keras model on validation, and write it all."""
    best = args.run / checkpoint.BEST
    if not best.exists():
        raise SystemExit(f"no {best}: train first")
    model = network.build()
    network.load_arrays(model, best)
    if args.mix:
        mix(model, args.mix, args.mix_share)
    args.out.mkdir(parents=True, exist_ok=True)
    arrays, graph = (args.out / engine.FILES[name] for name in ("keras", "onnx"))
    network.save_arrays(model, arrays)
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "float32.onnx"
        export_graph(model, exact)
        train = data.load(args.chips, "train")
        order = np.random.default_rng(0).permutation(len(train))
        quantise(exact, graph, train.batch(order[:CALIBRATION]))
        correct_bias(exact, graph, train.batch(order[-CORRECTION:]))
        chips = data.load(args.chips, "validation")
        before = measure(chips, *predict(OnnxEngine(exact), chips))
    ages, female = predict(OnnxEngine(graph), chips)
    after = measure(chips, ages, female)
    show(after)
    gate(before, after)
    known, _ = OnnxEngine(graph).run(self_test_chip())
    facts = {
        "name": "yanling-inception-resnet-v1",
        "version": args.version,
        "chip": chip.FACTS,
        "age_range": calibrate(ages, chips.ages),
        "self_test": {"age": round(float(expected(known)[0]), 1)},
        "validation": after,
        "validation_float32": before,
        "sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (arrays, graph)
        },
    }
    (args.out / "model.json").write_text(json.dumps(facts, indent=2) + "\n")
    share = len(chips) / (len(chips) + len(train))
    (args.out / "MODEL_CARD.md").write_text(card.write(facts, share))
    print(f"exported to {args.out}")


def mix(model, earlier: Path, share: float) -> None:
    """Average the model with the weights it was fine-tuned from: what either learned by heart
    fades, what both know stays (Wortsman et al., "Robust fine-tuning of zero-shot models",
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
    """The float32 graph, outputs named `age` and `gender`, any number of chips at once."""
    model(self_test_chip())  # Keras exports only what has been called
    model.export(path, format="onnx", verbose=False)


def gate(before: dict, after: dict) -> None:
    """Refuse a graph that lost accuracy, over all of validation."""
    years = overall(after, "mae") - overall(before, "mae")
    gender = overall(before, "gender") - overall(after, "gender")
    print(f"int8 costs {years:+.3f} years of MAE and {gender:+.2%} of gender accuracy")
    if years > MAX_LOSS_YEARS or gender > MAX_LOSS_GENDER:
        raise SystemExit("refused: the int8 graph is worse than the model")
