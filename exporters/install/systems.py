"""Where each system keeps the fonts of one user, and how it learns that one came or went."""

from __future__ import annotations

import ctypes
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fonts.errors import UserError

_KEY = r"Software\Microsoft\Windows NT\CurrentVersion\Fonts"
_FONT_CHANGE = 0x1D         # WM_FONTCHANGE
_EVERYBODY = 0xFFFF         # HWND_BROADCAST
_HUNG = 2                   # SMTO_ABORTIFHUNG
_PATIENCE = 1000            # milliseconds for a window to hear of it
_SECONDS = 120              # for fc-cache


class InstallError(UserError):
    """A font that cannot be installed or taken away; one line says which and what to do."""


def _nothing(path: Path, name: str = "") -> None:
    """The system looks at the folder by itself."""


@dataclass(frozen=True)
class System:
    """One system: the folders that hold a user's fonts, of which the first takes new ones.

    `release` comes before a file is changed or taken away, `enter` (with the font's full name)
    and `leave` after it.
    """

    folders: tuple[Path, ...]
    release: Callable[[Path], None] = _nothing
    enter: Callable[[Path, str], None] = _nothing
    leave: Callable[[Path], None] = _nothing


def _linux(home: Path, env: Mapping[str, str]) -> System:
    """Fontconfig: its folders are searched with all in them, its cache is brought up to date."""
    data = Path(env.get("XDG_DATA_HOME") or home / ".local" / "share")

    def refresh(path: Path, name: str = "") -> None:
        program = shutil.which("fc-cache")
        if program is not None:         # without it programs look by themselves when they start
            with suppress(OSError, subprocess.SubprocessError):
                subprocess.run([program, str(path.parent)], capture_output=True, timeout=_SECONDS)

    return System((data / "fonts", home / ".fonts"), enter=refresh, leave=refresh)


def _mac(home: Path, env: Mapping[str, str]) -> System:
    """The system watches the folder."""
    return System((home / "Library" / "Fonts",))


def _windows(home: Path, env: Mapping[str, str]) -> System:
    """A folder, a value in the user's registry, and word to the programs that run."""
    local = Path(env.get("LOCALAPPDATA") or home / "AppData" / "Local")
    registry: Any = importlib.import_module("winreg")
    windll: Any = getattr(ctypes, "windll", None)

    def opened() -> Any:
        access = registry.KEY_READ | registry.KEY_WRITE
        return registry.CreateKeyEx(registry.HKEY_CURRENT_USER, _KEY, 0, access)

    def release(path: Path) -> None:
        windll.gdi32.RemoveFontResourceW(str(path))

    def forget(path: Path) -> None:
        with opened() as key:
            count = registry.QueryInfoKey(key)[1]
            values = [registry.EnumValue(key, index)[:2] for index in range(count)]
            for name, held in values:
                if os.path.normcase(str(held)) == os.path.normcase(str(path)):
                    registry.DeleteValue(key, name)

    def announce() -> None:
        windll.user32.SendMessageTimeoutW(_EVERYBODY, _FONT_CHANGE, 0, 0, _HUNG, _PATIENCE, None)

    def enter(path: Path, name: str) -> None:
        forget(path)
        with opened() as key:
            registry.SetValueEx(key, f"{name} (TrueType)", 0, registry.REG_SZ, str(path))
        windll.gdi32.AddFontResourceW(str(path))
        announce()

    def leave(path: Path) -> None:
        forget(path)
        announce()

    return System((local / "Microsoft" / "Windows" / "Fonts",), release, enter, leave)


SYSTEMS: Mapping[str, Callable[[Path, Mapping[str, str]], System]] = {
    "linux": _linux, "darwin": _mac, "win32": _windows,
}


def this_system() -> System:
    """The system that this runs on. Raises InstallError for one that is not known."""
    make = SYSTEMS.get(sys.platform)
    if make is None:
        raise InstallError("fonts of {system} are not known here: copy the file into its folder of "
                           "fonts", system=sys.platform)
    return make(Path.home(), os.environ)
