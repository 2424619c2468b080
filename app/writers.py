"""Writes the answers for many photos as a table: a row per face, or a line per photo."""

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# a photo without a face has one row with `faces` 0; a refused photo has one with `error`
COLUMNS: dict[str, type] = {
    "file": str, "width": int, "height": int, "faces": int, "faces_not_judged": int, "face": int,
    "age": float, "age_low": int, "age_high": int, "gender": str, "gender_confidence": float,
    "left": int, "top": int, "box_width": int, "box_height": int,
    "detection": float, "size": int, "notes": str, "error": str,
    "frames": int, "first_seen": float, "last_seen": float,  # of a person in a video
}  # fmt: skip
# what begins a formula in a spreadsheet, Chinese and Japanese ones included (OWASP, CSV injection)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def rows(line: dict) -> Iterator[dict]:
    """The rows for one line of the journal (app.batch.estimate_one), the largest face first."""
    if "error" in line:
        yield {"file": line["file"], "error": line["error"]}
        return
    common = {"file": line["file"], **line["image"], "faces": len(line["faces"])}
    common |= {"faces_not_judged": line["faces_not_judged"]}
    if not line["faces"]:
        yield common
    for number, face in enumerate(line["faces"], 1):
        box, quality = face["box"], face["quality"]
        yield (
            common
            | {
                "face": number,
                **{name: face[name] for name in ("age", "gender", "gender_confidence")},
                "age_low": face["age_range"][0],
                "age_high": face["age_range"][1],
                **{name: box[name] for name in ("left", "top")},
                "box_width": box["width"],
                "box_height": box["height"],
                **{name: quality[name] for name in ("detection", "size")},
                "notes": " ".join(quality["notes"]),
            }
            | (_film(face) if "frames" in face else {})
        )


def _film(face: dict) -> dict:
    first, last = face["seconds"]
    return {"frames": face["frames"], "first_seen": first, "last_seen": last}


def write(lines: list[dict], out: Path, bom: bool = True) -> None:
    """Write the table, in the form that the ending of `out` names. `bom`: CSV begins with a byte
    order mark.

    Raises OSError when it cannot be written.
    """
    kind = out.suffix.lower()
    with whole(out) as part:
        if kind == ".csv" and not bom:
            write_csv(lines, part, "utf-8")
        else:
            WRITERS[kind](lines, part)


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A file that becomes `out` if nothing fails, and disappears otherwise. OSErrors name `out`."""
    part = out.with_name(f"{out.name}.part")
    try:
        yield part
        part.replace(out)
    except OSError as error:  # a failed write leaves out the name
        raise OSError(error.errno, error.strerror, os.fspath(out)) from None
    finally:
        part.unlink(missing_ok=True)


def write_csv(lines: list[dict], out: Path, encoding: str = "utf-8-sig") -> None:
    first, *others = COLUMNS
    # the byte order mark makes Excel read UTF-8
    with out.open("w", newline="", encoding=encoding) as file:
        # names in quotes: a spreadsheet may also split cells at semicolons and tabs
        name = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator=",")
        rest = csv.DictWriter(file, others)
        name.writerow([first])
        rest.writeheader()
        for row in (row for line in lines for row in rows(line)):
            name.writerow([_no_formula(row.pop(first))])
            rest.writerow(row)


def _no_formula(name: str) -> str:
    """The same file's name, but one that a spreadsheet does not evaluate."""
    return f"./{name}" if name.startswith(FORMULA) else name


def write_jsonl(lines: list[dict], out: Path) -> None:
    with out.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def table(lines: list[dict]) -> Any:
    """A pyarrow.Table with the rows of these lines."""
    import pyarrow

    kinds = {str: pyarrow.string(), int: pyarrow.int32(), float: pyarrow.float32()}
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])
    return pyarrow.Table.from_pylist([row for line in lines for row in rows(line)], schema)


def write_parquet(lines: list[dict], out: Path) -> None:
    from pyarrow import parquet

    with out.open("wb") as file:
        parquet.write_table(table(lines), file)


WRITERS: dict[str, Callable[[list[dict], Path], None]] = {
    ".csv": write_csv,
    ".jsonl": write_jsonl,
    ".parquet": write_parquet,
}
