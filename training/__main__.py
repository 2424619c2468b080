"""python -m training prepare|train|evaluate|export: from raw photos to shipped weights."""

import argparse
import sys
from importlib import import_module

COMMANDS = {
    "prepare": "photos -> table and aligned chips",
    "train": "chips -> weights, from the VGGFace2 backbone",
    "evaluate": "weights -> MAE, CS@5 and gender accuracy on the validation split",
    "export": "weights -> the int8 graph that serves, its metadata and checksums",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m training", description=__doc__, allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        if name in sys.argv:  # importing them all would load TensorFlow for nothing
            import_module(f"training.{name}").add_arguments(command)
    args = parser.parse_args()
    import_module(f"training.{args.command}").run(args)


if __name__ == "__main__":
    main()
