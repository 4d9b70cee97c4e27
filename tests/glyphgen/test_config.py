"""How a project is drawn: one record, and what of it the project keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fonts.charset import default_for
from glyphgen.config import GenerateConfig, from_settings, to_settings
from glyphgen.project.settings import is_allowed

ODD = GenerateConfig("日月", "jp", 5, False, "cuda", ("other.glyphgen", 0.3))


@pytest.mark.parametrize("config", [ODD, GenerateConfig("gb2312", invent=7)])
def test_what_is_kept_comes_back(config: GenerateConfig) -> None:
    kept = json.loads(json.dumps(to_settings(config)))
    assert from_settings(kept | {"family": "Mine"}) == config
    assert all(is_allowed(key, value) for key, value in kept.items())
    assert "engine" not in kept


def test_what_is_asked_stands_above_what_is_kept() -> None:
    asked = from_settings(to_settings(ODD), seed=6, adapt=None, engine="local")
    assert asked == GenerateConfig("日月", "jp", 6, False, "cuda", ("other.glyphgen", 0.3))


def test_a_new_project_is_drawn_as_is_usual() -> None:
    assert from_settings({}, region="jp") == GenerateConfig(default_for("jp"), "jp")


@pytest.mark.parametrize("key, value", [("seed", "5"), ("seed", 2**60), ("adapt", 1),
                                        ("region", "xx"), ("device", "/dev/dri"), ("invent", 1.5),
                                        ("blend", ["a.glyphgen", "0.3"]), ("charset", 7)])
def test_what_no_setting_can_be_is_refused(key: str, value: Any) -> None:
    assert not is_allowed(key, value)
    with pytest.raises(ValueError, match=f"the setting {key} is "):
        from_settings({key: value})
