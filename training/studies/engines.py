"""The network alone on one core: ONNX Runtime and OpenVINO on the shipped int8 graph.

    .venv/bin/pip install openvino==2026.4.1
    taskset -c 0 .venv/bin/python -m training.studies.engines

Nothing else needs OpenVINO. The two take turns, so that other load slows both.
"""

import os
import statistics
import time
from functools import partial
from pathlib import Path

import click
import numpy as np

from model.chip import CHIP_SIZE
from model.engine import FILES, WEIGHTS
from model.session import open_session
from training.markdown import table

GRAPH = WEIGHTS / FILES["onnx"]


@click.command()
@click.option("--rounds", default=40, show_default=True, help="How often each engine runs.")
def main(rounds: int) -> None:
    """Time and memory of ONNX Runtime and OpenVINO for one face on one core."""
    chips = np.random.default_rng(0).integers(0, 256, (1, CHIP_SIZE, CHIP_SIZE, 3), dtype=np.uint8)
    inputs, engines, costs = {"chips": chips}, {}, {}
    for name, load in (("ONNX Runtime", onnx_runtime), ("OpenVINO", openvino)):
        before, start = resident(), time.perf_counter()
        engines[name] = load()
        engines[name](inputs)
        costs[name] = f"{time.perf_counter() - start:.2f}", f"{resident() - before:.0f}"
    times: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, run in engines.items():
            start = time.perf_counter()
            run(inputs)
            times[name].append((time.perf_counter() - start) * 1000)
    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min(medians.values())
    rows = [(name, f"{ms:.1f}", f"{ms / best:.2f}", *costs[name]) for name, ms in medians.items()]
    print(table(("engine", "ms a face", "ratio", "s to load", "process grows by, MB"), rows))


def onnx_runtime():
    return partial(open_session(GRAPH).run, None)


def openvino():
    try:
        from openvino import Core
    except ImportError as error:
        raise click.ClickException("first pip install openvino==2026.4.1") from error
    settings = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY"}
    return (core := Core()).compile_model(core.read_model(GRAPH), "CPU", settings)


def resident() -> float:
    """Memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main(prog_name="python -m training.studies.engines")
