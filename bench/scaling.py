"""What a second core gains, and a second thread in each worker: the network alone in several
processes at once. Cores share memory, cache, power and often their arithmetic units."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import sleep, time

from bench import machine
from bench.tables import Table, command
from model.engine import FILES, WEIGHTS
from model.estimator import self_test_chip
from model.session import open_session

LOADING = 3  # seconds until all processes begin, together


def measure(seconds: int) -> list[Table]:
    """Faces per second with one process, with one per core, and with a thread per core in each."""
    cores = machine.CORES
    ways = [
        ("one process", [[cores[0]]], 1),
        ("one per core", [[core] for core in cores], 1),
        ("as many, each with a thread per core", [cores for _ in cores], len(cores)),
    ]
    rates = {name: faces_per_second(where, threads, seconds) for name, where, threads in ways}
    alone, *_ = rates.values()
    return [
        Table(
            "Scaling over cores",
            f"The network alone on {len(cores)} cores. The second row is the most that workers "
            "can gain; the third is why a worker has one thread.",
            [
                {"processes": name, "faces/s": round(rate, 1), "times one": round(rate / alone, 2)}
                for name, rate in rates.items()
            ],
        )
    ]


def faces_per_second(where: Sequence[Sequence[int]], threads: int, seconds: float) -> float:
    """Of one process on each of these sets of cores, all at once."""
    begin = time() + LOADING
    with ProcessPoolExecutor(len(where), get_context("spawn")) as pool:
        jobs = [pool.submit(faces, set(cores), threads, begin, seconds) for cores in where]
        return sum(job.result() for job in jobs) / seconds


def faces(cores: set[int], threads: int, begin: float, seconds: float) -> int:
    """The number of faces that one process estimates, at least one, between `begin`, of
    time.time(), and `seconds` later."""
    with machine.on(cores):
        session = open_session(WEIGHTS / FILES["onnx"], threads)
        inputs, done = {"chips": self_test_chip()}, 0
        sleep(max(0, begin - time()))
        while not done or time() < begin + seconds:
            session.run(None, inputs)
            done += 1
        return done


if __name__ == "__main__":
    command(__doc__, measure, "--seconds", 5)
