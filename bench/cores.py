"""What a second core can give at all, and what a second thread in each worker would: the network
alone in several processes at once. Cores share memory, cache, power and often their arithmetic.

    python -m bench.cores [--seconds 5]
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import sleep, time

import onnxruntime

from bench import machine, report
from bench.report import Table
from model.engine import FILES, WEIGHTS
from model.estimator import self_test_chip

LOADING = 3  # seconds until all processes begin, together


def measure(seconds: int) -> list[Table]:
    """Faces a second with one process, with one on each core, and with two threads in each."""
    cores = machine.CORES
    ways = [
        ("one process", [[cores[0]]], 1),
        ("one on each core", [[core] for core in cores], 1),
        ("as many, each with a thread a core", [cores for _ in cores], len(cores)),
    ]
    rates = {name: faces_a_second(where, threads, seconds) for name, where, threads in ways}
    alone, *_ = rates.values()
    return [
        Table(
            "More cores",
            f"The network alone on {len(cores)} cores: no number of workers gains more than the "
            "second row. The third is why a worker has one thread.",
            [
                {"processes": name, "faces/s": round(rate, 1), "times one": round(rate / alone, 2)}
                for name, rate in rates.items()
            ],
        )
    ]


def faces_a_second(where: Sequence[Sequence[int]], threads: int, seconds: float) -> float:
    """Of a process on each of these sets of cores, all at once."""
    begin = time() + LOADING
    with ProcessPoolExecutor(len(where), get_context("spawn")) as pool:
        jobs = [pool.submit(faces, set(cores), threads, begin, seconds) for cores in where]
        return sum(job.result() for job in jobs) / seconds


def faces(cores: set[int], threads: int, begin: float, seconds: float) -> int:
    """How many one process gets through from `begin` on."""
    with machine.on(cores):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        session = onnxruntime.InferenceSession(
            WEIGHTS / FILES["onnx"], options, providers=["CPUExecutionProvider"]
        )
        inputs, done = {"chips": self_test_chip()}, 0
        sleep(max(0, begin - time()))
        while time() < begin + seconds:
            session.run(None, inputs)
            done += 1
        return done


if __name__ == "__main__":
    report.command(__doc__, measure, "--seconds", 5)
