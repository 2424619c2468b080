"""The search of fuzz.py, which runs this as a child: libFuzzer, with its options in sys.argv."""

import sys

import atheris

# packages whose coverage counts; this sees their Python code, not their C
with atheris.instrument_imports(include=["model", "app", "werkzeug", "PIL", "pillow_heif"]):
    from tests.hostile.targets import TARGETS

OPTIONS = ["-max_len=16384", "-timeout=60", "-rss_limit_mb=2048"]
OPTIONS += ["-verbosity=0", "-print_final_stats=1"]


def main() -> None:
    """Does not return."""
    name = sys.argv[1].removeprefix("--target=")  # libFuzzer ignores what has two dashes
    again = f"{sys.executable} -m {__spec__.name}"  # how it starts itself, in a shell, to merge
    atheris.Setup([again, *sys.argv[1:], *OPTIONS], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
