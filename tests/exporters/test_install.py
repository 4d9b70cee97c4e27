"""A font among those of a user: one a family and style, on each system, in a home of the test."""

from __future__ import annotations

import ctypes
import io
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Run, need
from fontTools.ttLib import TTFont

from exporters.fontfile.formats import to_bytes
from exporters.fontfile.glyphs import arrange
from exporters.fontfile.info import FontInfo
from exporters.fontfile.otf import build_otf
from exporters.fontfile.ttf import pack
from exporters.install.install import install, uninstall
from exporters.install.systems import SYSTEMS, InstallError, System, this_system
from tests.exporters.test_ttf import drawings

FOLDERS = {"linux": ".local/share/fonts", "darwin": "Library/Fonts",
           "win32": "AppData/Local/Microsoft/Windows/Fonts"}


class Registry:
    """The user's registry of Windows as `winreg` shows it, and what the system was asked for."""

    HKEY_CURRENT_USER, KEY_READ, KEY_WRITE, REG_SZ = 1, 2, 4, 1

    def __init__(self) -> None:
        self.values: dict[str, str] = {"Arial (TrueType)": r"C:\elsewhere\arial.ttf"}
        self.asked: list[str] = []

    def CreateKeyEx(self, root: int, key: str, reserved: int, access: int) -> Registry:
        assert root == 1 and key.endswith(r"Windows NT\CurrentVersion\Fonts") and access == 6
        return self

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def QueryInfoKey(self, key: Registry) -> tuple[int, int, int]:
        return 0, len(self.values), 0

    def EnumValue(self, key: Registry, index: int) -> tuple[str, str, int]:
        return (*list(self.values.items())[index], 1)

    def SetValueEx(self, key: Registry, name: str, reserved: int, kind: int, value: str) -> None:
        self.values[name] = value

    def DeleteValue(self, key: Registry, name: str) -> None:
        del self.values[name]

    def called(self, name: str) -> Any:
        return lambda *arguments: self.asked.append(name)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    made = Registry()
    gdi = SimpleNamespace(AddFontResourceW=made.called("add"),
                          RemoveFontResourceW=made.called("remove"))
    windows = SimpleNamespace(SendMessageTimeoutW=made.called("tell"))
    monkeypatch.setitem(sys.modules, "winreg", made)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(gdi32=gdi, user32=windows), raising=False)
    return made


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest, tmp_path: Path, registry: Registry) -> System:
    return SYSTEMS[request.param](tmp_path / "home", {})


@lru_cache
def packed(suffix: str, info: FontInfo) -> bytes:
    return to_bytes(build_otf(arrange(drawings(), info, drawings())) if suffix == ".otf"
                    else pack(drawings(), info, drawings()))


def font(folder: Path, name: str = "a.ttf", **info: Any) -> Path:
    """A font file whose names and revision are given."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(packed(path.suffix, replace(FontInfo(family="Test Hand"), **info)))
    return path


def files(system: System) -> list[str]:
    return sorted(str(path.relative_to(folder)) for folder in system.folders
                  for path in folder.rglob("*"))


@pytest.mark.parametrize("platform", SYSTEMS)
def test_a_font_goes_where_the_system_looks(platform: str, tmp_path: Path,
                                            registry: Registry) -> None:
    home = tmp_path / "home"
    source = font(tmp_path)
    (done,) = install([source], SYSTEMS[platform](home, {}))
    assert done.path == home / FOLDERS[platform] / "TestHand-Regular.ttf"
    assert done.path.read_bytes() == source.read_bytes()
    assert done.words == f"{done.path}: Test Hand 1.000 installed"
    assert [path for path in home.rglob("*") if path.is_file()] == [done.path]


def test_an_older_revision_is_replaced_and_never_doubled(tmp_path: Path, system: System) -> None:
    old = font(tmp_path)
    list(install([old], system))
    by_hand = system.folders[0] / "my font (2).ttf"         # as a double click left it
    shutil.copy(font(tmp_path, "b.ttf", version=1), by_hand)
    new = font(tmp_path, "c.otf", version=2)
    (done,) = install([new], system)
    assert files(system) == ["TestHand-Regular.otf"]
    assert done.words.endswith("Test Hand 1.002 installed in place of 1.000, 1.001")
    with pytest.raises(InstallError, match="revision 1.000 is older than 1.002, which is install"):
        list(install([old], system))
    assert files(system) == ["TestHand-Regular.otf"]
    list(install([new], system))
    assert files(system) == ["TestHand-Regular.otf"]


def test_other_weights_and_families_stay(tmp_path: Path, system: System) -> None:
    every = [font(tmp_path, "a.ttf"), font(tmp_path, "b.ttf", weight=300),
             font(tmp_path, "c.ttf", family="Other Hand", localised_family="另一手")]
    assert len(list(install(every, system))) == 3
    (done,) = install([font(tmp_path, "d.ttf", weight=300, version=4)], system)
    assert done.replaced == (1.0,)
    assert files(system) == ["OtherHand-Regular.ttf", "TestHand-Light.ttf", "TestHand-Regular.ttf"]
    assert [path.name for path in uninstall(str(every[0]), system)] == ["TestHand-Regular.ttf"]
    list(install([every[0]], system))
    assert [path.name for path in uninstall("test hand", system)] == ["TestHand-Light.ttf",
                                                                      "TestHand-Regular.ttf"]
    assert len(uninstall("另一手", system)) == 1 and files(system) == []


def test_a_stranger_of_the_same_file_name_stays(tmp_path: Path, system: System) -> None:
    system.folders[0].mkdir(parents=True)
    stranger = system.folders[0] / "TestHand-Regular.ttf"
    shutil.copy(font(tmp_path, "b.ttf", family="Quite Another"), stranger)
    (done,) = install([font(tmp_path)], system)
    assert done.path != stranger and len(files(system)) == 2
    (system.folders[0] / "broken.ttf").write_bytes(b"nothing")
    assert uninstall("Test Hand", system) == [done.path]
    assert files(system) == ["TestHand-Regular.ttf", "broken.ttf"]


def test_windows_hears_of_what_comes_and_goes(tmp_path: Path, registry: Registry) -> None:
    system = SYSTEMS["win32"](tmp_path, {"LOCALAPPDATA": str(tmp_path / "local")})
    others = dict(registry.values)
    (done,) = install([font(tmp_path)], system)
    assert done.path == tmp_path / "local/Microsoft/Windows/Fonts/TestHand-Regular.ttf"
    entered = others | {"Test Hand (TrueType)": str(done.path)}
    assert registry.values == entered and registry.asked == ["add", "tell"]
    list(install([font(tmp_path, version=1)], system))
    assert registry.values == entered and registry.asked[2:] == ["remove", "add", "tell"]
    uninstall("Test Hand", system)
    assert registry.values == others and registry.asked[5:] == ["remove", "tell"]


@pytest.mark.parametrize("name, content, reason", [
    ("a.ttf", b"nothing", "is no font: give a .ttf or .otf"), ("a.ttf", None, "cannot be read"),
    ("a.ttf", b"\0\1\0\0" + b"\xff" * 99, "no font file, or a damaged one"),
    ("a.woff2", b"wOF2", "for web pages"), ("a.ttf", b"wOF2", "for web pages"),
    ("a.glyphgen", b"", "glyphgen export"), ("a.ttf", b"ttcf" + bytes(99), "several fonts"),
    ("a.mobileconfig", b"", "iPhone and iPad"),
])
def test_what_is_no_font_is_refused_before_anything_is_written(
        tmp_path: Path, system: System, name: str, content: bytes | None, reason: str) -> None:
    good = font(tmp_path / "good")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Exception, match=reason) as raised:
        list(install([good, tmp_path / name], system))
    assert str(raised.value).startswith(str(tmp_path / name)) and "\n" not in str(raised.value)
    assert not (tmp_path / "home").exists()


def test_a_font_that_the_sanitiser_refuses_is_not_installed(tmp_path: Path, system: System) -> None:
    broken = TTFont(io.BytesIO(font(tmp_path).read_bytes()))
    del broken["maxp"], broken["glyf"], broken["loca"], broken["hmtx"], broken["hhea"]
    broken.save(tmp_path / "b.ttf")
    with pytest.raises(InstallError.__mro__[1], match="refuses|damaged"):
        list(install([tmp_path / "b.ttf"], system))
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name, reason", [("Nobody's Hand", "is not installed for this user"),
                                          ("gone.ttf", "there is no such file")])
def test_what_is_not_installed_cannot_be_uninstalled(tmp_path: Path, system: System, name: str,
                                                     reason: str) -> None:
    list(install([font(tmp_path)], system))
    with pytest.raises(InstallError, match=reason):
        uninstall(name, system)
    assert files(system) == ["TestHand-Regular.ttf"]


def test_where_the_old_one_cannot_go_nothing_is_changed(tmp_path: Path, system: System) -> None:
    list(install([font(tmp_path)], system))
    before = system.folders[0] / "TestHand-Regular.ttf"
    held = before.read_bytes()

    def refuse(path: Path) -> None:
        raise PermissionError(13, "in use", str(path))

    stuck = replace(system, release=refuse)
    for source in (font(tmp_path, "b.ttf", version=1), font(tmp_path, "c.otf", version=1)):
        with pytest.raises(InstallError, match="in use"):
            list(install([source], stuck))
        assert files(system) == ["TestHand-Regular.ttf"] and before.read_bytes() == held


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, system: System) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(InstallError, match="cannot be written: "):
        list(install([font(tmp_path)], system))


def test_an_unknown_system_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    with pytest.raises(InstallError, match="plan9 .* copy the file"):
        this_system()


def test_fontconfig_finds_one_revision_and_then_none(
        tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    need(shutil.which("fc-list") and shutil.which("fc-match"), "fontconfig")
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    here = tmp_path / "xdg_data_home" / "fonts" / "TestHand-Regular.ttf"

    def listed() -> list[str]:
        said = subprocess.run(["fc-list", "-f", "%{file} %{fontversion}\\n", ":family=Test Hand"],
                              check=True, capture_output=True, text=True).stdout
        return said.splitlines()

    assert listed() == []
    said = run("install", font(tmp_path)).output
    assert said == f"{here}: Test Hand 1.000 installed\n"
    assert listed() == [f"{here} 65536"]            # 1.000 as a fixed-point number
    run("install", font(tmp_path, "b.otf", version=1))
    assert listed() == [f"{here.with_suffix('.otf')} {round(1.001 * 65536)}"]
    matched = subprocess.run(["fc-match", "-f", "%{file}", "Test Hand"], capture_output=True,
                             text=True, check=True).stdout
    assert matched == str(here.with_suffix(".otf"))
    assert "older than 1.001" in run("install", font(tmp_path), status=1).output
    assert run("uninstall", "Test Hand").output == f"{here.with_suffix('.otf')}: uninstalled\n"
    assert listed() == []
    assert run("uninstall", "Test Hand", status=1).output.startswith("Error: Test Hand: is not")
