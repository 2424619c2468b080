"""Fine-tune a backbone: Gaussian age labels or ranges, L1 on the expectation, gender.

Reads top to bottom. Every annotated constant below is an option of the command line.
"""

import hashlib
import json
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import click
import keras
import numpy as np
from rich.progress import Progress, TextColumn
from tensorboardX import SummaryWriter

from model import network
from model.chip import CHIP_SIZE
from model.engine import FILES, metadata
from model.probabilities import from_logits
from training import checkpoint, data, distil, options
from training.losses import UNTAUGHT, distance, taught
from training.measures import measure, overall

SHARE, PART = click.FloatRange(0, 1), click.FloatRange(0, 1, max_open=True)
POSITIVE, AT_LEAST_1 = click.IntRange(1), click.FloatRange(1)
FORMATS = click.Choice(["float32", "mixed_bfloat16"])
SIDE = click.IntRange(75)  # pixels, the fewest that leave the last block something to see

EPOCHS: Annotated[float, "How many times training goes through the chips."] = 4.0
BATCH: Annotated[int, "Chips per step.", POSITIVE] = 32
SIZE: Annotated[int, "Side of the chips in pixels.", SIDE] = CHIP_SIZE
# Progressive resizing: smaller chips, so more of them in the same time
SMALL_SIZE: Annotated[int, "Side of the chips in pixels during the first steps.", SIDE] = 128
SMALL_SHARE: Annotated[float, "Share of the steps on chips of --small-size.", SHARE] = 0.0
AUGMENTATION: Annotated[float, "Strength of the augmentation; short runs need less.", SHARE] = 1.0
FLATNESS: Annotated[float, "How often rare ages are drawn for one common one.", AT_LEAST_1] = 1.0
GENDER_WEIGHT: Annotated[float, "Weight of the gender loss; that of the age is 1."] = 1.0
TEACHER_WEIGHT: Annotated[float, "Weight of the --teacher; the labels have the rest.", SHARE] = 0.5
LEARNING_RATE: Annotated[float, "Peak of the learning rate, which then decays as a cosine."] = 3e-4
WARM_UP: Annotated[int, "Steps in which the learning rate rises to its peak."] = 100
WEIGHT_DECAY: Annotated[float, "Weight decay of AdamW."] = 0.02
DROPOUT: Annotated[float, "Share of the features dropped before the heads.", PART] = 0.3
SKIP: Annotated[float, "Stochastic depth: share of chips that skip a residual block.", PART] = 0.1
AVERAGE: Annotated[float, "Decay per step of the average, which is exported.", PART] = 0.999
PRECISION: Annotated[str, "Whichever is faster here.", FORMATS] = "float32"
# The stem's edges and textures serve every face task; frozen, a step costs a third less
FROZEN: Annotated[str, 'Freeze layers whose names start with this; "" freezes none.'] = "Conv2d_"
FROZEN_NORM: Annotated[bool, "Freeze batch normalisation, for larger batches.", click.BOOL] = False
VALIDATE_EVERY: Annotated[int, "Steps between validations.", POSITIVE] = 1000
PATIENCE: Annotated[int, "Stop after this many validations without progress; 0: never."] = 0
CHECKPOINT_EVERY: Annotated[int, "Steps between checkpoints.", POSITIVE] = 100
SEED: Annotated[int, "Seed of the batches, the augmentation and the dropout."] = 0


FIGURES, BOARD = "figures.json", "tensorboard"
# What may differ when a run resumes: places, and what changes no weight
FREE = ("chips", "out", "validate_every", "patience", "checkpoint_every")


def constants(command: Callable) -> Callable:
    """Give `command` an option for each annotated constant of this module."""
    for name, hint in reversed(__annotations__.items()):
        sentence, *kind = hint.__metadata__
        add = click.option(
            f"--{name.lower().replace('_', '-')}",
            type=kind[0] if kind else None,
            default=globals()[name],
            help=sentence,
        )
        command = add(command)
    return command


@click.command()
@options.chips
@click.option("--backbone", type=options.FILE, required=True, help="Weights to start from, .npz.")
@click.option("--out", type=options.OUTPUT, default="run", help="Folder of the run, which resumes.")
@click.option("--teacher", type=options.FOLDER, help="Weights to learn from beside the labels.")
@click.option("--restart", is_flag=True, help="Remove the run in --out and begin anew.")
@constants
def main(restart: bool, **arguments) -> None:
    """Train, resuming from the last checkpoint in --out; best.npz there is what to export."""
    args = SimpleNamespace(**arguments)
    chips, held_out = (data.load(args.chips, split) for split in ("train", "choosing"))
    if not held_out.exact.any():
        raise click.UsageError("no validation label names a year: the best weights are unknown")
    steps = int(args.epochs * (len(chips) // args.batch))
    if not steps:
        raise click.UsageError(f"{len(chips)} chips and {args.epochs} epochs make no batch")
    if restart:
        checkpoint.clear(args.out, distil.ANSWERS, FIGURES, BOARD)
    run = fingerprint(args, chips)
    checkpoint.agree(args.out, run)
    args.out.mkdir(parents=True, exist_ok=True)
    # of paths the names alone: the record ships with the weights, this machine's folders do not
    noted = json.dumps(arguments, indent=2, default=lambda path: path.name)
    (args.out / checkpoint.ARGUMENTS).write_text(noted + "\n")
    answers = distil.answers(args.teacher, chips, args.out) if args.teacher else None
    model = build(args, steps)
    state = checkpoint.restore(args.out, model, run)
    print(f"{len(chips)} chips, {steps} steps of {args.batch}, {state.step} of them done")
    small = round(args.small_share * steps)
    sides = [args.small_size] * small + [args.size] * (steps - small)
    seeds = batch_seeds(args.seed, args.backbone)
    how = args.augmentation, args.flatness, answers
    batches = data.batches(chips, args.batch, sides, seeds, state.step, *how)
    logs, waited, started = [], 0.0, time.perf_counter()
    columns = *Progress.get_default_columns(), TextColumn("{task.fields[losses]}")
    with Progress(*columns) as bar, SummaryWriter(str(args.out / BOARD)) as board:
        task = bar.add_task("training", total=steps, completed=state.step, losses="")
        while state.step < steps and not 0 < args.patience <= state.without_progress:
            asked = time.perf_counter()
            inputs, labels = next(batches)
            waited += time.perf_counter() - asked
            logs.append(model.train_on_batch(inputs, labels, return_dict=True))
            if state.step == small:
                state.since = small  # weights fitted to small chips do badly on whole ones
            state.advance(model, args.average)
            bar.update(task, completed=state.step, losses=losses(logs))
            last = state.step == steps
            if last or state.step % args.validate_every == 0:
                validate(model, held_out, state, args, board)
                bar.console.print(f"step {state.step}: {figures(state)}")
            if last or state.step % args.checkpoint_every == 0:
                checkpoint.save(args.out, model, state)
                share = waited / (time.perf_counter() - started)
                log(board, state.step, logs, share, float(model.optimizer.learning_rate))
                waiting = f"waiting for chips {share:.1%}"
                bar.console.print(f"step {state.step}: {losses(logs)}, {waiting}")
                logs.clear()
    print(f"trained: {args.out / checkpoint.BEST}, {figures(state)}")


def fingerprint(args: SimpleNamespace, chips: data.Chips) -> dict:
    """What makes a run this one: its chips, the files that it starts from, and its options."""
    same = {name: value for name, value in vars(args).items() if name not in FREE}
    teacher = metadata(args.teacher)["sha256"][FILES["onnx"]] if args.teacher else None
    return same | {
        "chips": data.checksum(chips),
        "backbone": hashlib.sha256(args.backbone.read_bytes()).hexdigest(),
        "teacher": teacher,
    }


def batch_seeds(seed: int, backbone: Path) -> tuple[int, int]:
    """Seeds of the batches. They differ with the starting weights: a run that starts from another
    run's weights would otherwise repeat its batches, the same faces changed in the same way."""
    return seed, zlib.crc32(backbone.read_bytes())


def build(args: SimpleNamespace, steps: int) -> keras.Model:
    """The network on its backbone, compiled, its optimizer ready to load a checkpoint."""
    keras.utils.set_random_seed(args.seed)
    keras.config.set_dtype_policy(args.precision)
    # Keras shares a batch among devices with jax only
    if keras.backend.backend() == "jax" and len(keras.distribution.list_devices()) > 1:
        keras.distribution.set_distribution(keras.distribution.DataParallel())
    model = network.build(args.dropout, args.skip, size=None)
    checkpoint.load(model, args.backbone)
    for layer in model.layers:
        norm = args.frozen_norm and isinstance(layer, keras.layers.BatchNormalization)
        if norm or (args.frozen and layer.name.startswith(args.frozen)):
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
    count_losses(model, args)
    return model


def count_losses(model: keras.Model, args: SimpleNamespace) -> None:
    """Have Keras make what counts the losses of each head. Made in the first step, it would have
    TensorFlow trace that step twice, which takes 20 s."""
    logits = {"age": np.zeros((1, network.AGES)), "gender": np.zeros((1, 1))}
    labels = {"age": np.zeros((1, 2)), "gender": np.zeros((1, 1))}
    if args.teacher:
        labels = {name: np.hstack([labels[name], logits[name]]) for name in labels}
    model.compute_loss(y=labels, y_pred=logits)


def validate(
    model: keras.Model, held_out: data.Chips, state: checkpoint.State, args: SimpleNamespace,
    board: SummaryWriter,
) -> None:  # fmt: skip
    """Measure the averaged weights, and save them if they are the best so far."""
    with state.averaged(model):
        measured = measure(held_out, *predict(model, held_out, args.size))
    for source, groups in measured.items():
        for name, value in groups["all"].items():
            board.add_scalar(f"validation/{source}/{name}", value, state.step)
    state.validated(overall(measured, "mae"), overall(measured, "gender"), args.out)
    (args.out / FIGURES).write_text(json.dumps(measured, indent=2) + "\n")


def predict(
    model: keras.Model, chips: data.Chips, size: int, batch: int = 64
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of each year, (n, 101), and of female, (n,)."""
    parts = []
    for start in range(0, len(chips), batch):
        pixels = data.resized(chips.batch(np.arange(start, min(start + batch, len(chips)))), size)
        logits = model.predict_on_batch(pixels)
        parts.append(from_logits(logits["age"], logits["gender"]))
    ages, female = zip(*parts, strict=True)
    return np.concatenate(ages), np.concatenate(female)


def figures(state: checkpoint.State) -> str:
    return f"validation MAE {state.error:.2f}, gender {state.gender:.1%}"


def losses(logs: list[dict]) -> str:
    loss, error, gender = (mean(logs, name) for name in ("loss", "age_mae", "gender_loss"))
    return f"loss {loss:.3f}, MAE {error:.2f}, gender {gender:.3f}"


def mean(logs: list[dict], name: str) -> float:
    return sum(float(entry[name]) for entry in logs) / len(logs)


def log(board: SummaryWriter, step: int, logs: list[dict], waiting: float, rate: float) -> None:
    for name in logs[0]:
        board.add_scalar(f"training/{name}", mean(logs, name), step)
    board.add_scalar("training/learning_rate", rate, step)
    board.add_scalar("training/waiting_for_chips", waiting, step)
