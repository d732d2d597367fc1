import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.spoken_files import NoRecordings, default_folder, spoken_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    entries = [{"file": "one.wav", "reference_text": "Hello."}, {"file": "two.wav"}]
    (tmp_path / "manifest.json").write_text(json.dumps(entries))
    for entry in entries:
        soundfile.write(tmp_path / str(entry["file"]), np.full(1600, 0.1, np.float32), 16_000)
    (tmp_path / "one.rttm").write_text("SPEAKER one 1 2.5 1.0 <NA> <NA> b\n\nSPEAKER one 1 0.5 1.0 <NA> <NA> a\n")
    return tmp_path


def test_recordings_with_known_words_are_read(folder: Path) -> None:
    (file,) = spoken_files(folder)
    assert (file.name, file.reference, len(file.pcm)) == ("one.wav", "Hello.", 3200)


def test_turns_stand_in_order(folder: Path) -> None:
    assert spoken_files(folder)[0].turns == (0.5, 2.5)


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoRecordings, match=str(tmp_path)):
        spoken_files(tmp_path)


def test_a_manifest_without_words_is_told(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('[{"file": "x.wav"}]')
    with pytest.raises(NoRecordings, match="reference_text"):
        spoken_files(tmp_path)


def test_the_environment_says_where_recordings_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMI_TEST_AUDIO", "/elsewhere")
    assert default_folder() == Path("/elsewhere")
