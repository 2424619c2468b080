"""Compare Yanling with other packages that estimate age and gender, on one core.

Speed and memory take six minutes. With --data also the error on labelled photos, which takes half
an hour more: the folder holds UTKFace and All-Age-Faces as in training/README.md, of which the
photos that training kept for validation are used.

Installs the peers into var/peers; needs Node.js and npm. Writes peers.json, peers.md and, with
--data, peers.png.
"""

import json
import os
from pathlib import Path

import click

from bench import machine
from bench.peers import accuracy, labelled, speed, tables
from bench.peers.install import FOLDER, install
from bench.peers.roster import PEERS
from bench.peers.running import Running
from bench.photos import photos

PHOTOS = ("1 MP JPEG", "12 MP JPEG")
FOLDER_TYPE = click.Path(path_type=Path, file_okay=False)


@click.command(help=__doc__)
@click.option("--data", type=FOLDER_TYPE, help="Folder of labelled photos.")
@click.option("--faces", default=10_000, show_default=True, help="Most labelled photos to use.")
@click.option("--rounds", default=15, show_default=True, help="Turns of each peer.")
@click.option(
    "--core", default=max(os.sched_getaffinity(0)), help="Core to use; default: the last."
)
@click.option("--out", type=FOLDER_TYPE, default=FOLDER, show_default=True)
def main(data: Path | None, faces: int, rounds: int, core: int, out: Path) -> None:
    records = labelled.validation(data)[:faces] if data else []
    if data and not records:
        raise click.ClickException(f"no photos of UTKFace or All-Age-Faces in {data}")
    install()
    found = measure(core, rounds, records)
    out.mkdir(parents=True, exist_ok=True)
    (out / "peers.json").write_text(json.dumps(found, indent=2) + "\n")
    (out / "peers.md").write_text(tables.markdown(found))
    click.echo(tables.markdown(found), nl=False)
    if records:
        from bench.peers import chart  # needs matplotlib, which speed and memory do not

        chart.draw(found, out / "peers.png", PHOTOS[1])


def measure(core: int, rounds: int, records: list[labelled.Record]) -> dict:
    """`{machine, first_answer, speed, memory}`, each by peer; with records also `accuracy`."""
    paths = {name: FOLDER / f"{name.replace(' ', '-')}.jpg" for name in PHOTOS}
    for name, path in paths.items():
        path.write_bytes(photos()[name])
    running: list[Running] = []
    found: dict = {"machine": f"{machine.words()['processor']}, one core", "first_answer": {}}
    try:
        for peer in PEERS:
            running.append(Running(peer, core, FOLDER / f"{peer.name}.log"))
            found["first_answer"][peer.name] = running[-1].first_answer(paths[PHOTOS[0]])
        found["speed"] = speed.compare(speed.turns(running, paths, rounds))
        found["memory"] = {each.peer.name: round(each.memory()) for each in running}
        if records:
            trained = [each for each in running if each.peer.has_weights]
            found["accuracy"] = accuracy.measure(records, accuracy.look(trained, records))
    finally:
        for each in running:
            each.stop()
    return found


if __name__ == "__main__":
    main()
