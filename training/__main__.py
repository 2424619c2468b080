"""python -m training prepare|train|evaluate|judge|export: from raw photos to weights that serve."""

from importlib import import_module

import click

from model.engine import WeightsError

COMMANDS = {
    "prepare": "Photos -> a table and aligned chips.",
    "train": "Chips -> weights, starting from the VGGFace2 backbone.",
    "evaluate": "Weights -> MAE, CS@5 and gender accuracy on the validation split.",
    "judge": "Your own labelled photos -> how good the weights are on them.",
    "export": "Weights -> the int8 graph that serves, its metadata and checksums.",
}


class LazyGroup(click.Group):
    """Imports only the command that is called: importing all would load TensorFlow."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        return import_module(f"training.{cmd_name}").main if cmd_name in COMMANDS else None

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except WeightsError as error:
            raise click.ClickException(str(error)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"show_default": True})
def main() -> None:
    """From raw photos to weights that serve."""


if __name__ == "__main__":
    main(prog_name="python -m training")
