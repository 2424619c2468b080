"""One run of `estimate`: from files and folders to a table, pictures and a report."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click

from app import batch, journal, video, writers
from app.failures import Refused
from app.folder import File, Listing, printed, shown
from app.gallery import Gallery
from app.pictures import HEAD, is_video
from app.progress import watched
from app.skipped import skipped, told
from app.sources import Sources


@dataclass(frozen=True)
class Run:
    """`every`: of so many frames of a video, one is judged; the others: see app.estimate."""

    sources: Sources
    out: Path
    bom: bool
    pictures: Path | None
    report: Path | None
    every: int
    workers: int
    restart: bool

    def go(self) -> None:
        """Raises Refused, and what app.sources, app.journal, app.batch and app.gallery raise."""
        self._refuse_to_replace()
        unfinished = self.out.with_name(f"{self.out.name}.unfinished")
        own = [path for path in (unfinished, self.pictures, self.report) if path]
        found = self.sources.found(own)
        videos = {name for name, file in found.files.items() if _is_named_video(file)}
        if videos and not find_spec(video.PACKAGE):
            raise Refused("videos need another package: pip install opencv-python-headless")
        lines: list[dict] = []
        if found.files:
            self.out.parent.mkdir(parents=True, exist_ok=True)
            source = journal.made_from(self.sources.origin(), self.every)
            with journal.opened(unfinished, source, self.restart) as record:
                self._refuse_to_replace()  # the run that had the journal may just have finished
                self._complete(record, found, videos)
                lines = [record.entries[name]["line"] for name in found.files]
                self._save(found, lines)
                unfinished.unlink()
        click.echo(told(found, lines), nl=False)
        if not (photos := _photos(lines)):
            where = shown(self.sources.roots[0]) if self.sources.base else "what was named"
            raise Refused(f"no photos in {printed(where)}")
        click.echo(_summary(self.out, photos))

    def _refuse_to_replace(self) -> None:
        outputs = [path for path in (self.out, self.report, self.pictures) if path]
        if len(set(outputs)) < len(outputs):
            raise Refused("--out, --report and --pictures must differ")
        for option, path in {
            "--out": self.out, "--report": self.report, "--pictures": self.pictures,
        }.items():  # fmt: skip
            empty = path and option == "--pictures" and path.is_dir() and not any(path.iterdir())
            if path and path.exists() and not empty:
                name = printed(shown(path))
                raise Refused(f"{name} already exists: move it or choose another {option}")

    def _complete(self, record: journal.Journal, found: Listing, videos: set[str]) -> None:
        """Estimate what the journal lacks: new files, and those that were replaced."""
        remaining = {
            name: file.path
            for name, file in found.files.items()
            if file.stamp is None or record.stamp(name) != file.stamp
        }
        done = len(found.files) - len(remaining)
        files = counted(len(found.files), "file")
        click.echo(files + (f", {done} already done" if done else ""))
        others = {name: path for name, path in remaining.items() if name not in videos}
        if others or not videos:
            steps = batch.estimate(others, record, self.workers)
            for _ in watched("estimating", len(others), steps):
                pass
        for name, path in remaining.items():
            if name not in videos:
                continue
            looks = batch.film(name, path, self.every, record, self.workers)
            for _ in watched(printed(name), _length(path, self.every), looks):
                pass

    def _save(self, found: Listing, lines: list[dict]) -> None:
        """The pictures, the report and, last, the table."""
        if not (photos := _photos(lines)):
            return
        judged = [line for line in photos if "faces" in line]
        Gallery(self.pictures, self.report).make(
            judged, found.files, skipped(found, lines), self.sources.title(), self.workers
        )
        writers.write(photos, self.out, self.bom)


def _photos(lines: list[dict]) -> list[dict]:
    return [line for line in lines if "other" not in line]


def _is_named_video(file: File) -> bool:
    if not file.named:
        return False
    try:
        with file.path.open("rb") as opened:
            return is_video(file.path.name, opened.read(HEAD))
    except OSError:
        return False  # app.batch says why


def _length(path: Path, every: int) -> int | None:
    try:
        return video.count(path, every)
    except (OSError, video.VideoError):
        return None  # app.batch says why


def _summary(out: Path, photos: list[dict]) -> str:
    faces = sum(len(line.get("faces", [])) for line in photos)
    refused = sum("error" in line for line in photos)
    crowds = [left for line in photos if (left := line.get("faces_not_judged"))]
    text = f"{printed(shown(out))}: {counted(len(photos), 'photo')}, {counted(faces, 'face')}"
    if crowds:
        more, where = counted(sum(crowds), "more face"), counted(len(crowds), "photo")
        text += f"; {more} in {where} not judged: too many in one"
    return f"{text}; {counted(refused, 'photo')} refused, with error codes" if refused else text


def counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
