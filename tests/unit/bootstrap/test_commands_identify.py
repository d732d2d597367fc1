from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bootstrap.commands_identify import identify
from bootstrap.commands_profile import profile
from domain.errors import InvalidRequest
from tests.unit.adapters.inbound.command_line.test_identify import written
from tests.unit.application.recordings.test_diarize_recording import HIGH, LOW, silence, tone


@pytest.fixture(autouse=True)
def pitches_are_voices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMI_SPEAKER_ENCODER__NAME", "fake")
    monkeypatch.setenv("OMI_SPEAKER_SEGMENTER__NAME", "fake")
    monkeypatch.setenv("OMI_RECORDING_VOICE_ACTIVITY_DETECTOR__NAME", "fake")


@pytest.fixture
def talk(tmp_path: Path) -> str:
    return str(written(tmp_path, "talk.wav", tone(LOW, 3) + silence(1) + tone(HIGH, 3)))


def output(*arguments: str) -> str:
    return CliRunner().invoke(identify, arguments, catch_exceptions=False).output


def test_the_turns_of_a_file_are_told(talk: str):
    assert [line.split()[-2:] for line in output(talk).splitlines()[1:3]] == [["speaker", "1"], ["speaker", "2"]]


def test_a_voice_is_named_when_a_recording_of_it_is_given(talk: str, tmp_path: Path):
    ann = written(tmp_path, "ann.wav", tone(HIGH, 2))

    turns = msgspec.json.decode(output(talk, "--json", "--voice", f"Ann={ann}"))

    assert [(turn["speaker"], turn["person"]) for turn in turns] == [(1, None), (2, "Ann")]


def test_people_whose_voices_are_known_already_are_named(talk: str, tmp_path: Path):
    ann = written(tmp_path, "ann.wav", tone(HIGH, 6))
    made = CliRunner().invoke(profile, ["upload", str(ann)], catch_exceptions=False)
    assert made.exit_code == 0, made.output

    turns = msgspec.json.decode(output(talk, "--json"))

    assert [turn["person"] for turn in turns] == [None, "you"]
    assert [turn["person"] for turn in msgspec.json.decode(output(talk, "--json", "--user", "other"))] == [None, None]


def test_looking_for_voices_keeps_nothing(talk: str, tmp_path: Path):
    before = set(tmp_path.iterdir())

    output(talk)

    assert set(tmp_path.iterdir()) == before


def test_rttm_is_for_programs(talk: str):
    lines = output(talk, "--rttm").splitlines()

    assert [line.split()[:3] for line in lines] == [["SPEAKER", "talk", "1"]] * 2


def test_a_voice_without_a_file_is_a_mistake_of_the_user(talk: str):
    with pytest.raises(InvalidRequest, match="NAME=FILE"):
        output(talk, "--voice", "Ann")


def test_a_file_that_is_not_there_is_a_mistake_of_the_user():
    with pytest.raises(InvalidRequest, match="no such file"):
        output("nothing.wav")
