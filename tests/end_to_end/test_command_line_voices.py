"""`omi profile` and `omi people` on the stores of a folder, with the models that the program uses."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bootstrap.main import omi
from domain.errors import InvalidRequest
from domain.voice_errors import PersonNotFound, ProfileTooShort

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("OMI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(omi, [str(argument) for argument in arguments])


def test_a_voice_is_made_known_shown_and_forgotten(run: Run, audio_folder: Path) -> None:
    assert "There is no profile yet" in run("profile", "show").output
    uploaded = run("profile", "upload", audio_folder / "enroll_steve.wav")
    assert (uploaded.exit_code, uploaded.output[:23]) == (0, "The voice is known now,")
    shown = json.loads(run("profile", "show", "--json").output)
    assert {voice["source"] for voice in shown} == {"enrollment"}
    assert run("profile", "delete", "--yes").exit_code == 0
    assert json.loads(run("profile", "show", "--json").output) == []


def test_a_recording_that_cannot_be_used_is_told(run: Run, audio_folder: Path, tmp_path: Path) -> None:
    assert isinstance(run("profile", "upload", tmp_path / "nothing.wav").exception, InvalidRequest)
    assert isinstance(run("profile", "upload", audio_folder / "LJ001-0002.wav").exception, ProfileTooShort)


def test_people_are_added_listed_renamed_merged_and_deleted(run: Run) -> None:
    assert "Nobody is known yet" in run("people").output
    bert, cleo = run("people", "add", "Bert").output.strip(), run("people", "add", "Cleo").output.strip()
    assert run("people", "rename", bert, "Berta").exit_code == 0
    assert "Berta" in run("people").output
    assert run("people", "merge", cleo, bert).exit_code == 0
    assert [person["id"] for person in json.loads(run("people", "--json").output)] == [bert]
    assert run("people", "delete", bert, "--yes").exit_code == 0
    assert isinstance(run("people", "delete", bert, "--yes").exception, PersonNotFound)


def test_users_have_voices_and_people_of_their_own(run: Run) -> None:
    run("people", "--user", "anna", "add", "Bert")
    assert "Bert" in run("people", "--user", "anna").output
    assert "Bert" not in run("people").output
