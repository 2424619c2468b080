"""The network alone, one core: ONNX Runtime beside OpenVINO on the shipped int8 graph.

    .venv/bin/pip install openvino==2026.4.1
    taskset -c 0 .venv/bin/python -m bench.engines

OpenVINO is for this comparison alone, so nothing else installs it. The two take turns, so that a
noisy machine is noisy for both; the last column is the ratio of the medians. Memory is the
process's own growth when the engine is loaded.
"""

import os
import statistics
import time
from pathlib import Path

import numpy as np
import openvino

from model.engine import FILES, WEIGHTS
from model.engine_onnx import OnnxEngine

ROUNDS = 40


def resident() -> float:
    """MB of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def openvino_engine():
    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY"}
    compiled = core.compile_model(core.read_model(WEIGHTS / FILES["onnx"]), "CPU", settings)
    return lambda chips: compiled(chips)


def main() -> None:
    chip = np.random.default_rng(0).integers(0, 256, (1, 160, 160, 3), dtype=np.uint8)
    engines, rows = {}, {}
    for name, load in (
        ("ONNX Runtime", lambda: OnnxEngine(WEIGHTS / FILES["onnx"]).run),
        ("OpenVINO", openvino_engine),
    ):
        before, start = resident(), time.perf_counter()
        engines[name] = load()
        engines[name](chip)
        rows[name] = [time.perf_counter() - start, resident() - before]
    times = {name: [] for name in engines}
    for _ in range(ROUNDS):
        for name, run in engines.items():
            start = time.perf_counter()
            run(chip)
            times[name].append((time.perf_counter() - start) * 1000)
    medians = {name: statistics.median(values) for name, values in times.items()}
    best = min(medians.values())
    print("| engine | ms a face | ratio | s to load | MB |\n|---|---|---|---|---|")
    for name, (load, memory) in rows.items():
        ms = medians[name]
        print(f"| {name} | {ms:.1f} | {ms / best:.2f} | {load:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
