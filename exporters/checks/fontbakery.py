"""FontBakery's `universal` profile, what type foundries check fonts with; an extra of its own."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from exporters.fontfile.info import ExportError

BAD = ("FAIL", "ERROR", "FATAL")
CHECKED = (".ttf", ".otf", ".woff2")
_TOLD = ("WARN", *BAD)
_ASK_THE_NETWORK = ("fontdata_namecheck", "fontbakery_version")
_NOT_FOR_HANZI = ("opentype/monospace",)    # asks for what makes Windows space them too widely
_LARGEST = 60 << 20             # bytes; of the profile's 9 MiB, 20,992 hanzi have no hope
_SETTINGS = f"file_size:\n  FAIL_SIZE: {_LARGEST}\n"
_LENGTH = 200                   # of a finding in one line


class Finding(NamedTuple):
    """What a check of the profile says of a font: status WARN, FAIL, ERROR or FATAL."""

    path: Path
    status: str
    check: str
    message: str

    @property
    def words(self) -> str:
        """One line."""
        text = " ".join(self.message.split())
        short = text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…"
        return f"{self.path}: {self.status} {self.check}: {short}"

    @property
    def is_bad(self) -> bool:
        """Whether the font must not leave the house like this."""
        return self.status in BAD


def check_ready(paths: Iterable[Path]) -> None:
    """Refuse before the work what could not be checked after it. Raises ExportError."""
    if importlib.util.find_spec("fontbakery") is None:
        raise ExportError("--check needs FontBakery, which is not installed: "
                          "pip install 'glyphgen[check]'")
    if not any(path.suffix.lower() in CHECKED for path in paths):
        raise ExportError(f"--check is for fonts in files: give an --out of {' '.join(CHECKED)}")


def findings(path: Path, jobs: int = 1) -> list[Finding]:
    """Warnings and worse of a font file, the worst first.

    Left out are two checks that need the network and one that is wrong for hanzi. The file is
    copied, since FontBakery also reads what lies beside it. About 10 ms a glyph, over `jobs`
    processes. Raises ExportError when FontBakery does not run or the file cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="glyphgen-") as folder:
        settings, result = Path(folder) / "settings.yaml", Path(folder) / "result.json"
        settings.write_text(_SETTINGS, encoding="utf-8")
        left_out = [part for name in _ASK_THE_NETWORK + _NOT_FOR_HANZI for part in ("-x", name)]
        alone = Path(folder) / "font" / path.name
        alone.parent.mkdir()
        try:
            shutil.copyfile(path, alone)
        except OSError as error:
            raise ExportError("cannot be read: {reason}",
                              path, reason=error.strerror or error) from error
        ran = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "fontbakery", "check-universal", "--quiet",
             "--configuration", str(settings), "--jobs", str(jobs), "--json", str(result),
             *left_out, str(alone)], capture_output=True, text=True, errors="replace")
        if not result.is_file():
            said = ran.stderr.strip().splitlines() or [f"status {ran.returncode}"]
            raise ExportError(f"{path}: FontBakery does not run: {said[-1]}")
        rows = json.loads(result.read_text(encoding="utf-8"))
    return sorted(_told(path, rows), key=lambda found: -_TOLD.index(found.status))


def _told(path: Path, rows: dict[str, Any]) -> list[Finding]:
    """The log lines of FontBakery's report that are warnings or worse."""
    found = []
    for section in rows["sections"]:
        for check in section["checks"]:
            name = check["key"][1].removeprefix("<FontBakeryCheck:").removesuffix(">")
            for line in check["logs"]:
                if line["status"] in _TOLD:
                    message = line["message"]
                    text = message if isinstance(message, str) else message["message"]
                    found.append(Finding(path, line["status"], name, text))
    return found
