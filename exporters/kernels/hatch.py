"""The kernels of a wheel, compiled while it is built, so that nobody's first font waits for that.

numba compiles them, so that no compiler of the builder's is needed. Where that fails the wheel has
none of them and works as well: they are then compiled when a font first takes them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

READY = "exporters/kernels/ready"
# what modules of kernels import; each in the range that the package itself asks for
NEEDED = {"numba", "numpy", "scipy", "opencv-python-headless", "scikit-image", "fonttools",
          "skia-pathops", "pyclipper"}


class KernelsAhead(BuildHookInterface):
    """Fills the folder of ready kernels; an editable install finds them in the tree."""

    def dependencies(self) -> list[str]:
        """What the build needs beside hatchling."""
        return [wanted for wanted in self.metadata.core.dependencies
                if re.split(r"[^\w.-]", wanted)[0].lower() in NEEDED]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and make the wheel one of this Python and architecture where that worked."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
        path = os.pathsep.join(filter(None, [self.root, os.environ.get("PYTHONPATH")]))
        done = subprocess.run([sys.executable, "-m", "glyphgen.kernels"], cwd=self.root,
                              env=own | {"PYTHONPATH": path}, capture_output=True, text=True)
        if done.returncode or not any(Path(self.root, READY).glob("*.nbi")):
            self.app.display_warning("No kernels were compiled; the first font will take a minute "
                                     f"longer.\n{done.stderr}")
        elif version != "editable":
            build_data["artifacts"].append(f"/{READY}/*")
            build_data["pure_python"], build_data["infer_tag"] = False, True
