"""Work spread over a real Ray cluster of two processes: the same bytes, though one is killed."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import FEW, SAMPLES, TEXT, Made, Run

from exporters.fontfile.info import FontInfo
from glyphgen import engine, pipeline
from glyphgen.config import GenerateConfig
from glyphgen.draw import draw
from glyphgen.draw.tries import Batch
from glyphgen.engine import EngineError, spread
from glyphgen.project.document import Drawn, Project


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """Ray with two worker processes on this machine."""
    ray = pytest.importorskip("ray", reason="Ray is not installed: `make test-ray`")
    ray.init(num_cpus=2, object_store_memory=2**28, include_dashboard=False, log_to_driver=False,
             logging_level=logging.ERROR)
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    yield
    ray.shutdown()


def dying(marker: Path, prepared: Any, batch: Batch, redraw: int) -> Any:
    """Draw a batch; who is given the one of 羊 first is killed before it answers."""
    drawn = draw.draw_batch(prepared, batch, redraw)
    if ord("羊") in batch.codepoints and not marker.exists():
        marker.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
    return drawn


def contents(project: Project) -> list[tuple[Any, ...]]:
    def row(d: Drawn) -> tuple[Any, ...]:
        return (d.codepoint, d.seed, d.recipe_tag, d.style, d.score, d.scores, d.state,
                d.field.tobytes())
    return [row(drawn) for drawn in project.drawings()]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_cluster_that_loses_a_worker_makes_the_same_font(
        cluster: None, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = tmp_path / "killed"
    monkeypatch.setattr(draw, "draw_batch", partial(dying, marker))
    config = GenerateConfig(TEXT, adapt=False, engine="ray")
    with pipeline.opened(tmp_path / "Hand.glyphgen") as project:
        pipeline.make(project, FEW, [tmp_path / "Hand.ttf"], config,
                      FontInfo(family="Test Hand"))
        far = contents(project)
    assert int(marker.read_text()) != os.getpid()
    assert (tmp_path / "Hand.ttf").read_bytes() == made.font.read_bytes()
    with Project.open(made.project, read_only=True) as project:
        assert far == contents(project)


def refused(shared: str, number: int) -> int:
    raise EngineError(f"{shared} {number}")


def test_an_error_in_a_worker_is_one_line_here(cluster: None) -> None:
    with pytest.raises(EngineError, match="^no 0$"):
        list(spread(refused, "no", [0], "ray"))


def test_a_worker_that_lacks_the_program_is_named(cluster: None, tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "only_here.py").write_text("def work(shared, batch):\n    return batch\n")
    monkeypatch.syspath_prepend(tmp_path)
    import only_here  # type: ignore[import-not-found]

    with pytest.raises(EngineError, match="cannot start .*only_here.*; install the same"):
        list(spread(only_here.work, None, [0], "ray"))


def test_a_worker_of_another_version_is_refused() -> None:
    with pytest.raises(EngineError, match="a worker has glyphgen"):
        engine._apart("0.0.0", refused, [], 0)


def test_without_ray_one_line_says_what_to_install(made: Made, run: Run, tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)       # as where it is not installed
    said = run("generate", made.project, "--engine", "ray", status=1).output
    assert said == "Error: engine ray: Ray is not installed: pip install 'glyphgen[ray]'\n"
    run("make", SAMPLES, "--out", tmp_path / "Hand.ttf", "--engine", "ray", status=1)
    assert not [*tmp_path.iterdir()]


def test_the_cluster_is_not_asked_for_a_device() -> None:
    with pytest.raises(EngineError, match="draws on CPUs, not on cuda"):
        GenerateConfig("水", device="cuda", engine="ray")
