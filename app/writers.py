"""Writes the answers for many photos as a table: a row per face, or a line per photo."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

# a photo without a face has one row with `faces` 0; a refused photo has one with `error`
COLUMNS: dict[str, type] = {
    "file": str, "width": int, "height": int, "faces": int, "face": int,
    "age": float, "age_low": int, "age_high": int, "gender": str, "gender_confidence": float,
    "left": int, "top": int, "box_width": int, "box_height": int,
    "detection": float, "size": int, "notes": str, "error": str,
}  # fmt: skip


def rows(line: dict) -> Iterator[dict]:
    """The rows for one line of the journal (app.batch.estimate_one), the largest face first."""
    if "error" in line:
        yield {"file": line["file"], "error": line["error"]}
        return
    common = {"file": line["file"], **line["image"], "faces": len(line["faces"])}
    if not line["faces"]:
        yield common
    for number, face in enumerate(line["faces"], 1):
        box, quality = face["box"], face["quality"]
        yield common | {
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


def write_csv(lines: list[dict], out: Path) -> None:
    # the byte order mark makes Excel read UTF-8
    with out.open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(row for line in lines for row in rows(line))


def write_jsonl(lines: list[dict], out: Path) -> None:
    with out.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def write_parquet(lines: list[dict], out: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    kinds = {str: pyarrow.string(), int: pyarrow.int32(), float: pyarrow.float32()}
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])
    table = [row for line in lines for row in rows(line)]
    parquet.write_table(pyarrow.Table.from_pylist(table, schema), out)


WRITERS: dict[str, Callable[[list[dict], Path], None]] = {
    ".csv": write_csv,
    ".jsonl": write_jsonl,
    ".parquet": write_parquet,
}
