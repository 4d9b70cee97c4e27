import multiprocessing

import pytest

from glyphgen.export import ahead


def test_the_tracer_is_compiled_where_others_find_it(
        monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of its own keeps it on disk; the test's own tracer is left alone."""
    monkeypatch.setattr(ahead, "cores", lambda: 2)
    with ahead.tracer_ahead() as compiled:
        process, = (p for p in multiprocessing.active_children() if p.name == "tracer")
        compiled()
        assert process.exitcode == 0


def test_one_core_compiles_when_it_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "cores", lambda: 1)
    with ahead.tracer_ahead() as compiled:
        assert not [p for p in multiprocessing.active_children() if p.name == "tracer"]
        compiled()


def test_what_fails_before_the_font_leaves_no_process_behind(
        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "cores", lambda: 2)
    with pytest.raises(RuntimeError), ahead.tracer_ahead():
        raise RuntimeError
    assert not [p for p in multiprocessing.active_children() if p.name == "tracer"]
