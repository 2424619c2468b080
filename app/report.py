"""The report of a run: one HTML page that needs no other file, with a contact sheet."""

import base64
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from statistics import median

from flask import Flask
from flask.templating import Template

from app.folder import printed
from model.engine import metadata

MOST = 1000  # photos on the sheet: about 20 MB
DECADES = range(0, 101, 10)


@dataclass(frozen=True)
class Sheet:
    """A photo on the contact sheet. `line`: of the journal; `small`: a small JPEG of it, or
    nothing; `link`: where the annotated copy is, relative to the report, if there is one."""

    line: dict
    small: bytes
    link: str | None

    @property
    def name(self) -> str:
        return printed(self.line["file"])

    @property
    def source(self) -> str:
        return f"data:image/jpeg;base64,{base64.b64encode(self.small).decode()}"

    @property
    def framed(self) -> list[dict]:
        """The faces that the picture shows; of a video, those of the still."""
        still = self.line.get("video", {}).get("still")
        return [face for face in self.line["faces"] if face.get("frame") == still]


def written(sheets: list[Sheet], lines: list[dict], skipped: dict[str, str], title: str) -> str:
    """The page. `sheets`: at most `MOST`; `lines`: of all photos that were judged; `skipped`: why
    each other file was not, by name; `title`: what was judged."""
    faces = list(chain.from_iterable(line["faces"] for line in lines))
    ages = [face["age"] for face in faces]
    bars = {decade: Counter[str]() for decade in DECADES}
    for face in faces:
        bars[min(int(face["age"]) // 10 * 10, DECADES[-1])][face["gender"]] += 1
    oldest = max((decade for decade, bar in bars.items() if bar), default=0)
    reasons: dict[str, list[str]] = {}
    for name, why in skipped.items():
        reasons.setdefault(why, []).append(printed(name))
    facts = metadata()
    return _template().render(
        title=printed(title),
        date=datetime.now(UTC).astimezone(),
        sheets=sheets,
        lines=lines,
        faces=faces,
        ages=ages,
        middle=median(ages) if ages else None,
        genders=Counter(face["gender"] for face in faces),
        bars={decade: bar for decade, bar in bars.items() if decade <= oldest},
        highest=max((bar.total() for bar in bars.values()), default=0),
        crowded=sum(line["faces_not_judged"] for line in lines),
        empty=sum(not line["faces"] for line in lines),
        reasons=dict(sorted(reasons.items(), key=lambda reason: -len(reason[1]))),
        skipped=len(skipped),
        weights=facts["version"],
        coverage=facts["age_range"]["coverage"],
    )


def _template() -> Template:
    environment = Flask("app").jinja_env  # finds the template, escapes names
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment.get_template("report.html")
