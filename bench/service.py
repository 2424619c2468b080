"""What a photo costs: the whole service on one core and one worker, through uWSGI's HTTP router.

    python -m bench.service

Prints milliseconds a photo (median and 99th percentile, measured at the client), seconds from
exec to ready, and the memory of every process (PSS: shared pages counted once).
"""

import io
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from PIL import Image
from skimage import data

REPEATS = 40
ROOT = Path(__file__).parents[1]


def jpeg(image: Image.Image, width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    image.resize((width, height), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def photos() -> dict[str, bytes]:
    portrait, coffee = Image.fromarray(data.astronaut()), Image.fromarray(data.coffee())
    wall = Image.new("RGB", (1600, 1200), (120, 130, 140))
    for i in range(5):
        wall.paste(portrait.resize((420, 420)), (40 + 520 * (i % 3), 60 + 560 * (i // 3)))
    return {
        "1 MP portrait": jpeg(portrait, 1000, 1000),
        "12 MP portrait": jpeg(portrait, 4000, 3000),
        "2 MP, five faces": jpeg(wall, 1600, 1200),
        "2 MP, no face": jpeg(coffee, 1600, 1200),
    }


def ask(address: str, body: bytes | None = None) -> float:
    request = urllib.request.Request(address, body, {"Content-Type": "image/jpeg"} if body else {})
    start = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as reply:
        reply.read()
    return time.perf_counter() - start


def wait_until_ready(address: str) -> float:
    start = time.perf_counter()
    while True:
        try:
            ask(f"{address}/readyz")
            return time.perf_counter() - start
        except OSError:
            time.sleep(0.01)


def memory(master: int) -> list[tuple[str, float]]:
    """MB (PSS) of the master and each of its children."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    found = []
    for pid in [str(master), *children]:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        pss = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        found.append((pid, pss / 1000))
    return found


def main() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    core = min(os.sched_getaffinity(0))
    uwsgi = Path(sys.executable).with_name("uwsgi")
    service = subprocess.Popen(
        [uwsgi, "--ini", ROOT / "uwsgi.ini", "--processes", "1", "--http", f"127.0.0.1:{port}"],
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    try:
        print(f"ready after {wait_until_ready(address):.1f} s\n")
        print("| photo | median ms | p99 ms |\n|---|---|---|")
        for name, body in photos().items():
            ask(f"{address}/v1/faces", body)
            times = [ask(f"{address}/v1/faces", body) * 1000 for _ in range(REPEATS)]
            p99 = statistics.quantiles(times, n=100)[98]
            print(f"| {name} | {statistics.median(times):.0f} | {p99:.0f} |")
        print("\n| process | PSS MB |\n|---|---|")
        for pid, megabytes in memory(service.pid):
            print(f"| {pid} | {megabytes:.0f} |")
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait()


if __name__ == "__main__":
    main()
