"""What we want, beside what was measured."""

from collections.abc import Sequence

from bench.report import Row, Table

PHOTO, CLIENTS = "Whole requests by photo", "Whole requests by workers and clients"
LIMIT, MEMORY, START = "The network and the core's limit", "Memory, MB", "Start, seconds"
FOLDER = "A folder of photos"
FOUR = "photos/s, four clients"

# what; title of the table; how its row begins; column; at least or at most; how much
TARGETS: list[tuple[str, str, list, str, str, float]] = [
    ("1 MP JPEG, whole request, ms", PHOTO, ["1 MP JPEG"], "median ms", "at most", 42),
    ("1 MP JPEG, photos/s a core", PHOTO, ["1 MP JPEG"], FOUR, "at least", 23),
    ("3 MP JPEG, whole request, ms", PHOTO, ["3 MP JPEG"], "median ms", "at most", 42),
    ("3 MP JPEG, photos/s a core", PHOTO, ["3 MP JPEG"], FOUR, "at least", 23),
    ("12 MP JPEG, whole request, ms", PHOTO, ["12 MP JPEG"], "median ms", "at most", 65),
    ("12 MP JPEG, photos/s a core", PHOTO, ["12 MP JPEG"], FOUR, "at least", 15),
    ("no face, whole request, ms", PHOTO, ["no face"], "median ms", "at most", 250),
    ("two workers, times one", CLIENTS, [2, 16], "times one worker", "at least", 1.9),
    ("a folder, two workers, times one", FOLDER, [2], "times one worker", "at least", 1.9),
    ("network, times its limit", LIMIT, ["int8 matrix product"], "ratio", "at most", 1.3),
    ("a further face, times the network", "A further face", ["whole"], "ratio", "at most", 1.2),
    ("a worker, MB", MEMORY, [2, "once"], "a worker", "at most", 350),
    ("the whole stack, two workers, MB", MEMORY, [2, "once"], "the whole stack", "at most", 1000),
    ("from start to ready, s", START, ["start"], "median", "at most", 3),
    ("a respawned worker, s", START, ["respawn"], "median", "at most", 1),
]


def compare(tables: Sequence[Table]) -> list[Table]:
    """One table, of the targets that these tables have figures for; none when they have none."""
    rows: dict[str, Sequence[Row]] = {table.title: table.rows for table in tables}
    found = [
        judged(what, float(row[column]), sense, wanted)
        for what, title, key, column, sense, wanted in TARGETS
        for row in rows.get(title, [])
        if list(row.values())[: len(key)] == key
    ]
    return [Table("Wanted and measured", "From the tables below.", found)] if found else []


def judged(what: str, measured: float, sense: str, wanted: float) -> Row:
    met = measured <= wanted if sense == "at most" else measured >= wanted
    return {
        "figure": what,
        "measured": f"{measured:g}",
        "wanted": f"{sense} {wanted:g}",
        "": "met" if met else "**missed**",
    }
