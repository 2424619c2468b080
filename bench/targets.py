"""The targets, and whether the measurements meet them."""

from collections.abc import Sequence

from bench import folder, per_face, roofline
from bench.memory import MEMORY, START
from bench.requests import BY_CLIENTS as CLIENTS
from bench.requests import BY_PHOTO as PHOTO
from bench.tables import Row, Table

FOUR = "photos/s, four clients"

# figure; title of its table; how its row begins; column; at least or at most; target
TARGETS: list[tuple[str, str, list, str, str, float]] = [
    ("1 MP JPEG, whole request, ms", PHOTO, ["1 MP JPEG"], "median ms", "at most", 22),
    ("1 MP JPEG, photos/s per core", PHOTO, ["1 MP JPEG"], FOUR, "at least", 45),
    ("3 MP JPEG, whole request, ms", PHOTO, ["3 MP JPEG"], "median ms", "at most", 42),
    ("3 MP JPEG, photos/s per core", PHOTO, ["3 MP JPEG"], FOUR, "at least", 23),
    ("12 MP JPEG, whole request, ms", PHOTO, ["12 MP JPEG"], "median ms", "at most", 48),
    ("12 MP JPEG, photos/s per core", PHOTO, ["12 MP JPEG"], FOUR, "at least", 15),
    ("five faces, whole request, ms", PHOTO, ["five faces"], "median ms", "at most", 85),
    ("twenty faces, whole request, ms", PHOTO, ["twenty faces"], "median ms", "at most", 200),
    ("no face, whole request, ms", PHOTO, ["no face"], "median ms", "at most", 45),
    ("two workers, times one", CLIENTS, [2, 16], "times one worker", "at least", 1.9),
    ("a folder, two workers, times one", folder.TITLE, [2], "times one worker", "at least", 1.9),
    (
        "network, times the roofline",
        roofline.TITLE,
        ["int8 matrix product"],
        "ratio",
        "at most",
        1.15,
    ),
    ("an additional face, times the network", per_face.TITLE, ["whole"], "ratio", "at most", 1.2),
    ("a worker, MB", MEMORY, [2, "once"], "a worker", "at most", 170),
    ("the whole stack, two workers, MB", MEMORY, [2, "once"], "the whole stack", "at most", 1000),
    ("from start to ready, s", START, ["start"], "median", "at most", 3),
    ("a respawned worker, s", START, ["respawn"], "median", "at most", 1),
]


def compare(tables: Sequence[Table]) -> list[Table]:
    """One table of the targets for which these tables have figures; no table without any."""
    rows: dict[str, Sequence[Row]] = {table.title: table.rows for table in tables}
    found: list[Row] = []
    for figure, title, key, column, sense, target in TARGETS:
        for row in rows.get(title, []):
            if list(row.values())[: len(key)] == key:
                value = float(row[column])
                met = value <= target if sense == "at most" else value >= target
                cells = {
                    "figure": figure,
                    "measured": f"{value:g}",
                    "target": f"{sense} {target:g}",
                }
                found.append({**cells, "": "met" if met else "**missed**"})
    return [Table("Targets", "From the tables below.", found)] if found else []
