"""Ours beside other packages that tell age and gender, on one core and the same photos.

    python -m bench.peers                    # speed and memory: some six minutes
    python -m bench.peers --data FOLDER      # and error, on labelled photos: half an hour more

FOLDER holds UTKFace and All-Age-Faces, as training/README.md names them; their photos that
training kept for validation are used. The peers are installed into var/peers (Node.js and npm are
needed), the figures go to var/peers/peers.json and peers.md, the picture to peers.png.
"""

import argparse
import json
import os
import platform
from pathlib import Path

from bench.peers import accuracy, labelled, report, speed
from bench.peers.install import FOLDER, install
from bench.peers.roster import OURS, PEERS
from bench.peers.running import Running
from bench.photos import photos

PHOTOS = ("1 MP JPEG", "12 MP JPEG")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="labelled photos")
    parser.add_argument("--faces", type=int, default=10_000, help="at most so many of them")
    parser.add_argument("--rounds", type=int, default=15, help="turns a peer, %(default)s")
    parser.add_argument(
        "--core", type=int, default=max(os.sched_getaffinity(0)), help="default: the last one"
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder, %(default)s")
    args = parser.parse_args()
    records = labelled.validation(args.data)[: args.faces] if args.data else []
    if args.data and not records:
        raise SystemExit(f"no photos of UTKFace or All-Age-Faces below {args.data}")
    install()
    found = run(args.core, args.rounds, records)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "peers.json").write_text(json.dumps(found, indent=2) + "\n")
    (args.out / "peers.md").write_text(report.markdown(found))
    print(report.markdown(found), end="")
    if records:
        from bench.peers import picture  # draws: not everybody who measures speed has matplotlib

        picture.draw(found, args.out / "peers.png", PHOTOS[1])


def run(core: int, rounds: int, records: list[labelled.Record]) -> dict:
    """`{machine, first_answer, speed, memory}`, with records `accuracy` as well; by peer."""
    made = photos()
    paths = {name: FOLDER / f"{name.replace(' ', '-')}.jpg" for name in PHOTOS}
    for name, path in paths.items():
        path.write_bytes(made[name])
    running: list[Running] = []
    found: dict = {"machine": machine(core), "first_answer": {}}
    try:
        for peer in PEERS:
            running.append(Running(peer, core, FOLDER / f"{peer.name}.log"))
            found["first_answer"][peer.name] = running[-1].first_answer(paths[PHOTOS[0]])
        turns = speed.turns(running, paths, rounds)
        ours = turns[OURS.name]
        found["speed"] = {
            peer: {
                name: {
                    **speed.figures(part),
                    "times_ours": speed.ratio(part, ours[name]),
                }
                for name, part in parts.items()
            }
            for peer, parts in turns.items()
        }
        found["memory"] = {peer.peer.name: round(peer.memory()) for peer in running}
        if records:
            judged = [peer for peer in running if peer.peer.judged]
            found["accuracy"] = accuracy.measure(records, accuracy.look(judged, records))
    finally:
        for peer in running:
            peer.stop()
    return found


def machine(core: int) -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(": ", 1)[1] for line in lines if line.startswith("model name")]
    return f"{models[core] if models else platform.processor()}, one core"


if __name__ == "__main__":
    main()
