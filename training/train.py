"""Fine-tune the VGGFace2 backbone: Gaussian age labels, L1 on the expectation, gender.

Reads top to bottom. Every constant below is an option of the command line.
"""

from pathlib import Path

import keras
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from model import network
from training import data
from training.losses import age_loss, distance, gender_loss

EPOCHS = 2.0
BATCH = 32
LEARNING_RATE = 3e-4
WARM_UP = 100  # steps
WEIGHT_DECAY = 0.02
DROPOUT = 0.3
PRECISION = (
    "float32"  # mixed_bfloat16 where the processor multiplies in it (AVX512-BF16, AMX, GPUs)
)
# The stem's edges and textures serve every face task alike; left as they are, a step costs a
# third less.
FROZEN = "Conv2d_"  # layers whose name begins so stay as in the backbone
CHECKPOINT_EVERY = 100  # steps
SEED = 0


def add_arguments(parser) -> None:
    parser.add_argument("--chips", type=Path, default=Path("chips"), help="what prepare wrote")
    parser.add_argument(
        "--backbone", type=Path, required=True, help="VGGFace2 arrays, or float16.npz to go on from"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("run"), help="checkpoints; an unfinished run resumes"
    )
    for name, default in constants().items():
        option = "--" + name.lower().replace("_", "-")
        parser.add_argument(option, type=type(default), default=default, help=f"default: {default}")


def constants() -> dict:
    return {name: value for name, value in globals().items() if name.isupper()}


def run(args) -> None:
    """Train to the last step, or on from the last checkpoint in `args.out`."""
    chips = data.load(args.chips, "train")
    steps = int(args.epochs * (len(chips) // args.batch))
    model = build(args, steps)
    checkpoint = args.out / "last.weights.h5"
    args.out.mkdir(parents=True, exist_ok=True)
    if checkpoint.exists():
        model.load_weights(checkpoint)
    done = int(model.optimizer.iterations)
    print(f"{len(chips)} chips, {steps} steps of {args.batch}, {done} of them done")
    recent = []
    with progress_bar() as bar:
        task = bar.add_task("training", total=steps, completed=done, losses="")
        for inputs, labels in data.batches(chips, args.batch, args.seed, done, steps):
            recent.append(model.train_on_batch(inputs, labels, return_dict=True))
            done += 1
            bar.update(task, completed=done, losses=summary(recent))
            if done % args.checkpoint_every == 0 or done == steps:
                save(model, checkpoint)
                bar.console.print(f"step {done}: {summary(recent)}")
                recent.clear()
    print(f"trained: {checkpoint}")


def build(args, steps: int) -> keras.Model:
    """The network on its backbone, compiled, its optimizer ready to take a checkpoint."""
    keras.utils.set_random_seed(args.seed)
    keras.config.set_dtype_policy(args.precision)
    model = network.build(args.dropout)
    network.load_arrays(model, args.backbone)
    for layer in model.layers:
        if args.frozen and layer.name.startswith(args.frozen):
            layer.trainable = False
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, alpha=0.01, warmup_target=args.learning_rate, warmup_steps=args.warm_up
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=args.weight_decay),
        loss={
            "age": age_loss,
            "gender": gender_loss,
        },
        metrics={
            "age": [keras.metrics.MeanMetricWrapper(distance, name="mae")],
            "gender": [keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")],
        },
    )
    model.optimizer.build(model.trainable_variables)
    return model


def save(model: keras.Model, path: Path) -> None:
    """Weights and optimizer, whole or not at all: a kill must not cost the last checkpoint."""
    fresh = path.with_name("fresh.weights.h5")
    model.save_weights(fresh)
    fresh.replace(path)


def summary(logs: list[dict]) -> str:
    """The means since the last checkpoint, in words."""
    names = ("loss", "age_mae", "gender_accuracy")
    loss, error, accuracy = (sum(float(log[k]) for log in logs) / len(logs) for k in names)
    return f"loss {loss:.3f}, MAE {error:.2f}, gender {accuracy:.1%}"


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
