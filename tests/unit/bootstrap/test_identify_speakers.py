from pathlib import Path

from application.listening.listen import Listen
from bootstrap.container import Container
from bootstrap.settings import load


def test_live_conversations_are_identified(tmp_path: Path) -> None:
    assert listen(tmp_path)._identify_speakers is not None


def test_live_identification_can_be_switched_off(tmp_path: Path) -> None:
    assert listen(tmp_path, OMI_IDENTIFY_SPEAKERS="false")._identify_speakers is None


def listen(folder: Path, **said: str) -> Listen:
    return Container(settings=load(said | {"OMI_DATA_DIR": str(folder)}, folder=folder)).listen()
