"""What a run did not judge, by name and in numbers."""

import mimetypes
from collections import Counter

from app.archives import is_archive
from app.folder import CLOSED, HIDDEN, SPECIAL, Listing, printed


def skipped(found: Listing, lines: list[dict]) -> dict[str, str]:
    """Why each file or folder was not judged, by name. `lines`: of the journal."""
    why = dict(found.left_out)
    for line in lines:
        if "error" in line:
            why[line["file"]] = line["detail"]
        elif "other" in line:
            why[line["file"]] = _kind(line)
    return dict(sorted(why.items()))


def _kind(line: dict) -> str:
    kind, _ = mimetypes.guess_type(f"x{line['other']}", strict=False)
    if (kind or "").startswith("video/"):
        return "a video: name it to have it judged"
    if is_archive(line["file"]):
        return "an archive: name it to have it judged"
    return "not a picture"


def told(found: Listing, lines: list[dict]) -> str:
    """Each of them on a line of its own, then a sentence about those that have no row in the
    table."""
    names = [f"  {printed(name)}: {printed(why)}\n" for name, why in skipped(found, lines).items()]
    return f"not judged: {len(names)}\n{''.join(names)}{_left_out(found, lines)}" if names else ""


def _left_out(found: Listing, lines: list[dict]) -> str:
    kinds = Counter(line["other"] or "no ending" for line in lines if "other" in line)
    counts = Counter(why.partition(":")[0] for why in found.left_out.values())
    said = [f"{counts[why]} {why}" for why in (HIDDEN, SPECIAL, CLOSED) if counts[why]]
    if kinds:
        endings = ", ".join(f"{count} {printed(kind)}" for kind, count in kinds.most_common())
        said.append(f"{kinds.total()} not a picture ({endings})")
    return f"left out: {', '.join(said)}\n" if said else ""
