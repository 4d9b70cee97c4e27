"""What `doctor` says of a font's time."""

from __future__ import annotations

import pytest

from glyphgen import doctor


def test_a_font_takes_half_as_long_again_as_its_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "cores", lambda: 2)
    assert doctor._minutes(6763, 10.0) == pytest.approx((676.3 * 1.5 + 12.5) / 60)


def test_the_report_names_what_speed_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "speed", lambda: 20.0)
    monkeypatch.setattr(doctor, "cores", lambda: 1)
    said = dict(doctor.report())
    assert [*said] == ["glyphgen", "packages", "device", "precision", "tracing", "weights",
                       "content", "speed"]
    assert said["speed"] == ("20 glyphs drawn a second: a font of 6,763 hanzi in about 9, "
                             "20,992 hanzi in about 27 minutes")
    assert said["device"].endswith("1 core")
