"""The chain of recognizers, as it is set."""

from pathlib import Path

import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.speech_to_text.metered import MeteredSpeechToText
from adapters.outbound.speech_to_text.primed import PrimedSpeechToText
from adapters.outbound.usage_ledger.memory import InMemoryUsageLedger
from bootstrap.adapters import recognizer_chain
from bootstrap.explained import explained
from bootstrap.found_settings import found_settings
from bootstrap.settings import WrongSetting, load, settings_of
from tests.support.owner_clips import FixedOwnerClip

CHAIN = {"OMI_SPEECH_TO_TEXT__CHAIN": "deepgram,soniox,speechmatics,moonshine"}
PRIMED = {"OMI_SPEECH_TO_TEXT__PRIMED": "true"}


def chain(folder: Path, **environment: str) -> dict[str, type]:
    """Name of each recognizer -> what is around it."""
    made = recognizer_chain(
        load(environment, folder=folder),
        ManualClock(),
        InMemoryUsageLedger(),
        profile=FixedOwnerClip(None),
        objects=InMemoryObjectStore(),
    )
    return {recognizer.name: type(recognizer) for recognizer in made._recognizers}


def test_nothing_is_primed_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert set(chain(tmp_path, **CHAIN).values()) == {MeteredSpeechToText}


def test_recognizers_that_tell_voices_apart_are_primed_where_it_is_asked_for(tmp_path: Path) -> None:
    assert chain(tmp_path, **CHAIN, **PRIMED) == {
        "deepgram": PrimedSpeechToText,
        "soniox": PrimedSpeechToText,
        "speechmatics": PrimedSpeechToText,
        "moonshine": MeteredSpeechToText,
    }


def test_whether_to_prime_is_yes_or_no(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="OMI_SPEECH_TO_TEXT__PRIMED is 'perhaps'"):
        load({"OMI_SPEECH_TO_TEXT__PRIMED": "perhaps"}, folder=tmp_path)


def test_whether_it_primes_is_shown(tmp_path: Path) -> None:
    found = found_settings(PRIMED, folder=tmp_path)
    shown = {row.variable: row.value for row in explained(settings_of(found), found)}
    assert shown["OMI_SPEECH_TO_TEXT__PRIMED"] == "true"
