from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from glyphgen.project.document import Drawn, Project, ProjectError
from glyphgen.project.folder import pull, push
from tests.glyphgen.test_project import disc


def test_only_edited_pictures_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "glyphs"
    with Project.open(tmp_path / "a.glyphgen", create=True) as project:
        project.put_drawings([Drawn(point, disc(30), 5) for point in (0x4E00, 0x6C38, 0x20B9F)])
        assert pull(project, folder) == 3
        assert pull(project, folder, [0x4E00]) == 1
        names = ["U+20B9F.png", "U+4E00.png", "U+6C38.png"]
        assert sorted(path.name for path in folder.iterdir()) == names
        again = push(project, folder)
        assert again.unchanged == 3 and not again.replaced and not again.warnings
        grey = np.asarray(Image.open(folder / "U+6C38.png")).copy()
        grey[:200] = 255
        Image.fromarray(grey).convert("RGB").resize((1024, 1024)).save(folder / "U+6C38.png")
        Image.fromarray(grey[:, :300]).save(folder / "U+4E00.png")
        Image.new("L", (512, 512), 255).save(folder / "一_2.png")
        (folder / "U+4E01.png").write_bytes(b"no image")
        (folder / "notes.png").write_bytes((folder / "U+6C38.png").read_bytes())
        back = push(project, folder)
        assert back.replaced == (0x6C38,) and back.unchanged == 1
        assert [line.count("\n") for line in back.warnings] == [0] * 4
        states = project.states()
        assert states[0x6C38] == "replaced" and states[0x4E00] == "drawn"
        (drawn,) = project.drawings([0x6C38])
        assert drawn.field[:190].max() < 0
        below = drawn.field[208:] > 0
        truth = disc(30, 512)[208:] > 0
        assert (below & truth).sum() / (below | truth).sum() > 0.99


def test_folders_that_cannot_serve(tmp_path: Path) -> None:
    with Project.open(tmp_path / "a.glyphgen", create=True) as project:
        project.put_drawings([Drawn(0x4E00, disc(30))])
        with pytest.raises(ProjectError, match="cannot be read"):
            push(project, tmp_path / "none")
        (tmp_path / "empty").mkdir()
        with pytest.raises(ProjectError, match="no picture"):
            push(project, tmp_path / "empty")
        (tmp_path / "file").write_text("x")
        with pytest.raises(ProjectError, match="cannot be written"):
            pull(project, tmp_path / "file")
