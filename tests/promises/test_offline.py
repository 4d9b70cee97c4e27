"""After the install nothing needs the network: every socket but those between processes fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SAMPLES

ROOT = Path(__file__).parent.parent.parent
REFUSING = """
import sys

REFUSED = {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname",
           "socket.bind", "urllib.Request"}

def refuse(event, arguments):
    if event in REFUSED:
        raise SystemExit(f"the network was asked for: {event} {arguments}")

sys.addaudithook(refuse)
from cli import cli
cli(sys.argv[1:])
"""


def offline(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", REFUSING, *map(str, arguments)], cwd=ROOT,
                          capture_output=True, text=True)


def test_the_refusal_refuses() -> None:
    reach = REFUSING.replace("from cli import cli", "import socket").replace(
        "cli(sys.argv[1:])", "socket.create_connection(('127.0.0.1', 9), timeout=1)")
    done = subprocess.run([sys.executable, "-c", reach], capture_output=True, text=True)
    assert done.returncode and "the network was asked for" in done.stderr


@pytest.mark.parametrize("arguments", [("charsets",), ("doctor",)])
def test_a_command_without_files(arguments: tuple[str, ...]) -> None:
    done = offline(*arguments)
    assert done.returncode == 0, done.stderr


def test_from_sheet_to_picture(tmp_path: Path) -> None:
    font = tmp_path / "Hand.ttf"
    for arguments in (
        ("template", "--out", tmp_path / "sheet.pdf"),
        ("make", SAMPLES / "永.png", SAMPLES / "水.png", "--out", font, "--charset", "一二三"),
        ("preview", font, "--text", "永水一二三", "--out", tmp_path / "preview.html"),
    ):
        done = offline(*arguments)
        assert done.returncode == 0, done.stderr
    assert font.stat().st_size > 1000
    page = (tmp_path / "preview.html").read_text("utf-8")
    assert "http:" not in page and "https:" not in page
