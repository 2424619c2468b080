"""The annotated pictures and the report of a run."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from app import copies, report
from app.folder import File
from app.progress import watched
from app.writers import whole


@dataclass(frozen=True)
class Gallery:
    """`pictures`: the folder to make, `report`: the page to write; one of them may be None."""

    pictures: Path | None
    report: Path | None

    def make(
        self,
        lines: list[dict],
        files: Mapping[str, File],
        skipped: dict[str, str],
        title: str,
        workers: int,
    ) -> None:
        """`lines`: of the journal, of what was judged; `files`: by name; the others: see
        app.report. Each of the two appears complete or not at all. Raises as app.copies.made does.
        """
        target = self.pictures or self.report
        if target is None:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        # beside the target, because a folder cannot be moved to another disk; hidden until then
        with TemporaryDirectory(dir=target.parent, prefix=".yanling-") as folder:
            made = Path(folder) / "pictures"
            made.mkdir()
            jobs = self._jobs(lines, files, made)
            small = list(watched("drawing", len(jobs), copies.made(jobs, workers)))
            if self.report:
                sheets = [
                    report.Sheet(job.line, jpeg, self._link(job, made))
                    for job, jpeg in zip(jobs, small, strict=True)
                    if job.small
                ]
                self.report.parent.mkdir(parents=True, exist_ok=True)
                with whole(self.report) as part:
                    part.write_text(report.written(sheets, lines, skipped, title), "utf-8")
            if self.pictures:
                made.replace(self.pictures)

    def _jobs(
        self, lines: list[dict], files: Mapping[str, File], folder: Path
    ) -> list[copies.Copy]:
        found = [files[line["file"]] for line in lines]
        places = copies.places([file.place for file in found], folder)
        jobs = [
            copies.Copy(
                line,
                file.path,
                place if self.pictures and line["faces"] else None,
                small=self.report is not None and number < report.MOST,
            )
            for number, (line, file, place) in enumerate(zip(lines, found, places, strict=True))
        ]
        return [job for job in jobs if job.picture or job.small]

    def _link(self, job: copies.Copy, folder: Path) -> str | None:
        """Where the picture will be, relative to the report."""
        if not (self.pictures and self.report and job.picture and job.picture.exists()):
            return None
        picture = self.pictures / job.picture.relative_to(folder)
        return quote(os.fsencode(os.path.relpath(picture, self.report.parent)))
