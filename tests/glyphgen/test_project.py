import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import disc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fonts.drawing import CANVAS, SPREAD, Strokes, pack, unpack
from fonts.packed import PackedError, from_bytes, to_bytes
from fonts.reading.samples import Sample
from fonts.strokes import pack_inked, unpack_inked
from glyphgen.project.document import Drawn, Project, ProjectError
from glyphgen.project.schema import APPLICATION_ID, MIGRATIONS


def sample(point: int, radius: float, written: float = 0.0) -> Sample:
    return Sample.of(point, disc(radius, 4 * CANVAS), f"{point}.png", written)


def test_everything_comes_back(path: Path) -> None:
    with Project.open(path, create=True) as project:
        assert project.add_samples([sample(0x6C38, 20), sample(0x4E00, 10)]) == 2
        drawn = Drawn(0x56FD, disc(30), 7, "abc", project.style(), 0.75, {"iou": 0.5}, "doubtful")
        project.put_drawings([drawn])
        project.set("region", "cn")
        project.set("weights", [300, 400])
        project.record_exports(["font.ttf", "font.otf"], 7275, "0.1.0", "contents")
        assert project.revision("contents") == 1 and project.revision("others") == 2
        style = project.style()
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name]
    with Project.open(path) as project:
        assert [s.codepoint for s in project.samples()] == [0x4E00, 0x6C38]
        assert project.samples()[1] == sample(0x6C38, 20)
        assert project.style() == style
        (back,) = project.drawings()
        np.testing.assert_array_equal(back.field, unpack(pack(disc(30))))
        assert (back.seed, back.recipe_tag, back.style, back.score) == (7, "abc", style, 0.75)
        assert back.scores == {"iou": 0.5} and back.state == "doubtful"
        found = project.settings()
        assert found.pop("exported")["revision"] == 1
        assert found == {"region": "cn", "weights": [300, 400]}
        assert project.get("region") == "cn" and project.get("absent", 3) == 3
        assert [(e.revision, e.glyphs) for e in project.exports()] == [(1, 7275), (2, 7275)]


def test_last_sample_added_counts_and_the_others_are_kept(path: Path) -> None:
    first, second = sample(0x6C38, 20), sample(0x6C38, 25)
    with Project.open(path, create=True) as project:
        assert project.add_samples([first, second]) == 2
        assert project.samples() == [second]
        assert project.samples(every=True) == [second, first]
        before = project.style()
        assert project.add_samples([first]) == 0
        assert project.samples() == [first] and project.style() != before
        project.remove_samples([0x6C38])
        assert project.samples(every=True) == []


def test_pending_follows_samples_model_and_style(path: Path) -> None:
    points = [5, 3, 9, 7, 3]
    with Project.open(path, create=True) as project:
        project.add_samples([sample(9, 20)])
        assert project.pending(points) == [5, 3, 7]
        project.put_drawings([Drawn(5, disc(9), recipe_tag="m", style="s"),
                              Drawn(3, disc(9), recipe_tag="m", style="t")])
        assert project.pending(points) == [7]
        assert project.pending(points, "m", "s") == [3, 7]
        project.lock([3])
        assert project.pending(points, "m", "s") == [7]
        project.put_back([3], ())
        assert project.pending(points, "m", "s") == [3, 7]


def strokes(seed: int = 0) -> Strokes:
    """Two strokes on the canvas, as a project gives them back."""
    rng = np.random.default_rng(seed)
    packed = pack_inked(Strokes(rng.uniform(0, 128, (2, 16, 2)).astype(np.float32),
                                  rng.uniform(1, 4, (2, 16)).astype(np.float32)))
    assert packed is not None
    return unpack_inked(packed)


def kept(project: Project) -> dict[int, np.ndarray | None]:
    """The lines that are kept of each drawing."""
    return {d.codepoint: None if d.strokes is None else d.strokes.lines
            for d in project.drawings()}


def test_strokes_stand_by_their_field_and_go_with_it(path: Path) -> None:
    first, second = strokes(1), strokes(2)
    with Project.open(path, create=True) as project:
        project.put_drawings(Drawn(c, disc(9), strokes=first) for c in range(5))
        bare = project.contents()
        project.put_drawings([Drawn(0, disc(9), strokes=second), Drawn(1, disc(9))])
        assert project.contents() != bare
        project.lock([2])
        project.put_drawings([Drawn(2, disc(9), strokes=second)])
        project.replace(3, disc(12))
        (before,) = project.drawings([4])
        project.put_back([4], [Drawn(4, disc(12), seed=1)])
        assert kept(project)[4] is None
        project.put_back([4], [before])
    with Project.open(path, read_only=True) as project:
        lines = kept(project)
        assert lines[1] is None and lines[3] is None
        for c, strokes_of in ((0, second), (2, first), (4, first)):
            np.testing.assert_array_equal(lines[c], strokes_of.lines)


def test_strokes_that_cannot_be_stored_are_left_out(path: Path) -> None:
    far = Strokes(np.full((1, 16, 2), 1e6, np.float32), np.ones((1, 16), np.float32))
    with Project.open(path, create=True) as project:
        project.put_drawings([Drawn(1, disc(9), strokes=far)])
        assert kept(project) == {1: None}


def test_projects_of_the_format_before_strokes_open(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        for statement in (*MIGRATIONS[0], *MIGRATIONS[1]):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 2")
        db.execute("INSERT INTO drawings VALUES (5, ?, 1, 'm', 's', 0.5, '{}', 'drawn', 'drawn')",
                   (to_bytes(disc(9)),))
        db.commit()
    with Project.open(path, read_only=True) as project:
        assert kept(project) == {5: None} and len(project.contents()) == 64
        assert [d.codepoint for d in project.worst()] == [5]
    with Project.open(path) as project:
        assert kept(project) == {5: None}
        project.put_drawings([Drawn(6, disc(9), strokes=strokes())])
    with Project.open(path, read_only=True) as project:
        assert [c for c, lines in kept(project).items() if lines is not None] == [6]


def test_what_is_put_back_takes_the_place_of_anything_in_one_commit(path: Path) -> None:
    with Project.open(path, create=True) as project:
        project.put_drawings([Drawn(1, disc(9)), Drawn(2, disc(9))])
        project.lock([1])
        said: list[str] = []
        project._db.set_trace_callback(said.append)
        project.put_back([1, 2], [Drawn(1, disc(15), seed=4)])
        project._db.set_trace_callback(None)
        assert [(d.codepoint, d.seed, d.state) for d in project.drawings()] == [(1, 4, "drawn")]
        assert said.count("COMMIT") == 1


def test_locked_and_replaced_survive_a_new_batch(path: Path) -> None:
    with Project.open(path, create=True) as project:
        project.put_drawings([Drawn(1, disc(9), score=0.2, state="doubtful"), Drawn(2, disc(9))])
        project.lock([1])
        project.replace(2, disc(40, 4 * CANVAS))
        project.put_drawings([Drawn(point, disc(15), seed=9) for point in (1, 2, 3)])
        assert project.states() == {1: "locked", 2: "replaced", 3: "drawn"}
        one, two, three = project.drawings([3, 1, 2])
        assert one.seed == 0 and two.field.shape == (512, 512) and three.seed == 9
        project.unlock([1, 2, 3])
        assert project.states() == {1: "doubtful", 2: "replaced", 3: "drawn"}


def test_worst_first(path: Path) -> None:
    with Project.open(path, create=True) as project:
        project.put_drawings([
            Drawn(1, disc(9), score=0.1), Drawn(2, disc(9), score=0.5, state="doubtful"),
            Drawn(3, disc(9), score=0.2, state="doubtful"), Drawn(4, disc(9), score=0.0)])
        project.lock([4])
        assert [drawn.codepoint for drawn in project.worst()] == [3, 2, 1]
        assert [drawn.codepoint for drawn in project.worst(1)] == [3]


def test_a_batch_is_whole_or_not_there(path: Path) -> None:
    def batch() -> object:
        yield Drawn(1, disc(9))
        raise KeyboardInterrupt
    with Project.open(path, create=True) as project:
        with pytest.raises(KeyboardInterrupt):
            project.put_drawings(batch())
        with pytest.raises(PackedError):
            project.put_drawings([Drawn(1, disc(9)), Drawn(2, np.zeros((3, 3), np.float32))])
        with pytest.raises(ProjectError, match="not a number"):
            project.put_drawings([Drawn(1, disc(9)), Drawn(2, disc(9), score=float("nan"))])
        assert project.states() == {}


def test_second_writer_gets_one_line_and_readers_read(path: Path) -> None:
    with Project.open(path, create=True) as project:
        project.put_drawings([Drawn(1, disc(9))])
        with pytest.raises(ProjectError, match="in use by another") as caught:
            Project.open(path)
        assert "\n" not in str(caught.value)
        with Project.open(path, read_only=True) as reader:
            assert reader.states() == {1: "drawn"}
            project.put_drawings([Drawn(2, disc(9))])
            assert len(list(reader.drawings())) == 2
            with pytest.raises(ProjectError, match="read-only"):
                reader.set("a", 1)
    Project.open(path).close()


def test_what_is_no_project(tmp_path: Path) -> None:
    text = tmp_path / "a.glyphgen"
    text.write_text("hello " * 1000)
    foreign = tmp_path / "b.glyphgen"
    with sqlite3.connect(foreign) as db:
        db.execute("CREATE TABLE t (a)")
    db.close()
    for path, hint in [(text, "not a glyphgen project"), (foreign, "not a glyphgen project"),
                       (tmp_path, "is a folder"), (tmp_path / "c", "no such project"),
                       (tmp_path / "no" / "d", "no such project")]:
        with pytest.raises(ProjectError, match=hint) as caught:
            Project.open(path)
        assert "\n" not in str(caught.value)
    with pytest.raises(ProjectError, match="folder"):
        Project.open(tmp_path / "no" / "d", create=True)
    assert not list(tmp_path.glob("*-lock"))


def test_the_right_to_write_is_one_file_beside_the_project(path: Path) -> None:
    with Project.open(path, create=True):       # SQLite's journal beside it would outlive its lock
        beside = {one.name for one in path.parent.iterdir() if "-lock" in one.name}
        assert beside == {f"{path.name}-lock"}


def test_full_disk(path: Path) -> None:
    with Project.open(path, create=True) as project:
        project.put_drawings([Drawn(1, disc(9))])
        pages = project._db.execute("PRAGMA page_count").fetchone()[0]
        project._db.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(ProjectError, match="disk is full"):
            project.put_drawings([Drawn(point, disc(30)) for point in range(100)])
        assert project.states() == {1: "drawn"}
    with Project.open(path) as project:
        assert project.states() == {1: "drawn"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_read_only_folder(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    Project.open(folder / "a.glyphgen", create=True).close()
    folder.chmod(0o500)
    try:
        with pytest.raises(ProjectError, match="folder"):
            Project.open(folder / "a.glyphgen")
        with Project.open(folder / "a.glyphgen", read_only=True) as project:
            assert project.states() == {}
    finally:
        folder.chmod(0o700)


WRITER = """
import sys
import numpy as np
from glyphgen.project.document import Drawn, Project
field = np.clip(np.random.default_rng(0).normal(size=(128, 128)), -4, 4).astype(np.float32)
with Project.open(sys.argv[1], create=True) as project:
    for start in range(0, 100000, 20):
        project.put_drawings([Drawn(point, field) for point in range(start, start + 20)])
        print(start + 20, flush=True)
"""


def test_killed_at_any_moment_it_loses_the_batch_in_flight_at_most(path: Path) -> None:
    told = 0
    for wait in (0.0, random.Random(1).random() * 0.2):
        path.unlink(missing_ok=True)
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE,
                              text=True, cwd=Path(__file__).parent.parent.parent) as process:
            assert process.stdout is not None
            for _ in range(3):
                told = int(process.stdout.readline())
            time.sleep(wait)
            os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            told = int((process.stdout.read().split() or [told])[-1])
        with Project.open(path) as project:
            kept = [drawn.codepoint for drawn in project.drawings()]
            assert kept == list(range(len(kept)))
            assert len(kept) in (told, told + 20)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([128, 256, 512]), st.integers(0, 2**32 - 1))
def test_packed_fields_come_back(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = rng.uniform(-6, 6, (size, size)).astype(np.float32)
    back = from_bytes(to_bytes(drawn))
    assert np.abs(back - np.clip(drawn, -SPREAD, SPREAD)).max() <= SPREAD / 127 / 2 + 1e-6


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(PackedError):
        from_bytes(data)


def test_a_deflated_bomb_is_refused() -> None:
    import zlib
    with pytest.raises(PackedError, match="damaged"):
        from_bytes(zlib.compress(bytes(50_000_000)))


def test_settings_are_json(path: Path) -> None:
    with Project.open(path, create=True) as project:
        project.set("永", {"a": [1, None, "é"]})
        assert json.dumps(project.get("永")) == json.dumps({"a": [1, None, "é"]})
