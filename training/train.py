"""Fine-tune a backbone: Gaussian age labels or ranges, L1 on the expectation, gender.

Reads top to bottom. Every constant below is an option of the command line.
"""

import argparse
import json
import time
import zlib
from pathlib import Path

import keras
import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from tensorboardX import SummaryWriter

from model import network
from model.chip import CHIP_SIZE
from model.engine import probabilities
from training import checkpoint, data, distil
from training.evaluate import measure, overall
from training.losses import UNTAUGHT, distance, taught

EPOCHS = 4.0
BATCH = 32
SIZE = CHIP_SIZE  # pixels
# Progressive resolution: the first steps see smaller chips, and so more of them in the same time
SMALL_SIZE = 128
SMALL_SHARE = 0.0  # of the steps
AUGMENTATION = 1.0  # how far chips are changed; less where the run is short
GENDER_WEIGHT = 1.0  # of the gender's loss beside the age's
TEACHER_WEIGHT = 0.5  # of the teacher's answer beside the label, where there is a --teacher
LEARNING_RATE = 3e-4
WARM_UP = 100  # steps
WEIGHT_DECAY = 0.02
DROPOUT = 0.3  # of the features that the heads see
SKIP = 0.1  # of the chips go past a residual block: stochastic depth
AVERAGE = 0.999  # of the averaged weights stays at each step; the average is what is exported
PRECISION = "float32"  # or mixed_bfloat16, where the device multiplies faster in it: measure
# The stem's edges and textures serve every face task alike; left as they are, a step costs a
# third less.
FROZEN = "Conv2d_"  # layers whose name begins so stay as in the backbone; "" for none
VALIDATE_EVERY = 1000  # steps
PATIENCE = 0  # validations in a row without progress that end the run; 0: it goes to its end
CHECKPOINT_EVERY = 100  # steps
SEED = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chips", type=Path, default=Path("chips"), help="what prepare wrote")
    parser.add_argument(
        "--backbone", type=Path, required=True, help="VGGFace2 arrays, or float16.npz to go on from"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("run"), help="checkpoints; an unfinished run resumes"
    )
    parser.add_argument(
        "--teacher", type=Path, metavar="DIR",
        help="weights whose answers are learned beside the labels, such as model/weights",
    )  # fmt: skip
    for name, default in constants().items():
        option = "--" + name.lower().replace("_", "-")
        parser.add_argument(option, type=type(default), default=default, help=f"default: {default}")


def constants() -> dict:
    return {name: value for name, value in globals().items() if name.isupper()}


def run(args: argparse.Namespace) -> None:
    """Train to the last step, or on from the last checkpoint in `args.out`; the averaged weights
    of the best validation are `args.out / "best.npz"`."""
    chips, held_out = (data.load(args.chips, split) for split in ("train", "validation"))
    steps = int(args.epochs * (len(chips) // args.batch))
    if not steps:
        raise SystemExit(f"{len(chips)} chips and {args.epochs} epochs make no batch")
    answers = distil.answers(args.teacher, chips, args.out) if args.teacher else None
    model = build(args, steps)
    state = checkpoint.restore(args.out, model)
    print(f"{len(chips)} chips, {steps} steps of {args.batch}, {state.step} of them done")
    recent, waited, started = [], 0.0, time.perf_counter()
    small = round(args.small_share * steps)
    sides = [args.small_size] * small + [args.size] * (steps - small)
    batches = data.batches(
        chips, args.batch, sides, seed(args), state.step, args.augmentation, answers
    )
    with progress_bar() as bar, SummaryWriter(str(args.out / "tensorboard")) as board:
        task = bar.add_task("training", total=steps, completed=state.step, losses="")
        while state.step < steps and not stalled(state, args.patience):
            asked = time.perf_counter()
            inputs, labels = next(batches)
            waited += time.perf_counter() - asked
            recent.append(model.train_on_batch(inputs, labels, return_dict=True))
            if state.step == small:
                state.since = small  # weights for small chips do badly on whole ones
            state.advance(model, args.average)
            bar.update(task, completed=state.step, losses=summary(recent))
            last = state.step == steps
            if last or state.step % args.validate_every == 0:
                validate(model, held_out, state, args, board)
                bar.console.print(f"step {state.step}: {state.words}")
            if last or state.step % args.checkpoint_every == 0:
                checkpoint.save(args.out, model, state)
                share = waited / (time.perf_counter() - started)
                log(board, state.step, recent, share, float(model.optimizer.learning_rate))
                bar.console.print(
                    f"step {state.step}: {summary(recent)}, waiting for chips {share:.1%}"
                )
                recent.clear()
    print(f"trained: {args.out / checkpoint.BEST}, {state.words}")


def seed(args: argparse.Namespace) -> tuple[int, int]:
    """Of the batches. It differs with the weights that a run begins from, which would else meet
    the very batches that they were trained on: the same faces, changed in the same way."""
    return args.seed, zlib.crc32(args.backbone.read_bytes())


def build(args: argparse.Namespace, steps: int) -> keras.Model:
    """The network on its backbone, compiled, its optimizer ready to take a checkpoint."""
    keras.utils.set_random_seed(args.seed)
    keras.config.set_dtype_policy(args.precision)
    # Keras shares a batch among devices with jax only
    if keras.backend.backend() == "jax" and len(keras.distribution.list_devices()) > 1:
        keras.distribution.set_distribution(keras.distribution.DataParallel())
    model = network.build(args.dropout, args.skip, size=None)
    network.load_arrays(model, args.backbone)
    for layer in model.layers:
        if args.frozen and layer.name.startswith(args.frozen):
            layer.trainable = False
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, alpha=0.01, warmup_target=args.learning_rate, warmup_steps=args.warm_up
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=args.weight_decay),
        loss=taught(args.teacher_weight) if args.teacher else UNTAUGHT,
        loss_weights={"age": 1.0, "gender": args.gender_weight},
        metrics={"age": [keras.metrics.MeanMetricWrapper(distance, name="mae")]},
    )
    model.optimizer.build(model.trainable_variables)
    return model


def validate(
    model: keras.Model,
    held_out: data.Chips,
    state: checkpoint.State,
    args: argparse.Namespace,
    board: SummaryWriter,
) -> None:
    """Measure the averaged weights, and keep them if no validation was better."""
    with state.averaged(model):
        figures = measure(held_out, *predict(model, held_out, args.size))
    for source, groups in figures.items():
        for name, value in groups["all"].items():
            board.add_scalar(f"validation/{source}/{name}", value, state.step)
    error, accuracy = overall(figures, "mae"), overall(figures, "gender")
    state.words = f"validation MAE {error:.2f}, gender {accuracy:.1%}"
    state.judge(error, args.out)
    (args.out / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")


def predict(
    model: keras.Model, chips: data.Chips, size: int, batch: int = 64
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of each year, (n, 101), and of female, (n,)."""
    parts = []
    for start in range(0, len(chips), batch):
        pixels = data.resized(chips.batch(np.arange(start, min(start + batch, len(chips)))), size)
        logits = model.predict_on_batch(pixels)
        parts.append(probabilities(logits["age"], logits["gender"]))
    ages, female = zip(*parts, strict=True)
    return np.concatenate(ages), np.concatenate(female)


def stalled(state: checkpoint.State, patience: int) -> bool:
    return bool(patience) and state.without_progress >= patience


def summary(logs: list[dict]) -> str:
    """The means since the last checkpoint, in words."""
    loss, error, gender = (mean(logs, name) for name in ("loss", "age_mae", "gender_loss"))
    return f"loss {loss:.3f}, MAE {error:.2f}, gender {gender:.3f}"


def mean(logs: list[dict], name: str) -> float:
    return sum(float(entry[name]) for entry in logs) / len(logs)


def log(board: SummaryWriter, step: int, logs: list[dict], waiting: float, rate: float) -> None:
    for name in logs[0]:
        board.add_scalar(f"training/{name}", mean(logs, name), step)
    board.add_scalar("training/learning_rate", rate, step)
    board.add_scalar("training/waiting_for_chips", waiting, step)


def progress_bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[losses]}"),
    )
