"""How many connections an account allows is set for each recognizer."""

from pathlib import Path

import pytest

from bootstrap.adapters import build
from bootstrap.settings import WrongSetting, load


@pytest.mark.parametrize(("vendor", "default"), [("deepgram", 50), ("soniox", 10), ("speechmatics", 50)])
def test_what_the_account_allows_counts(vendor: str, default: int, tmp_path: Path) -> None:
    name = f"OMI_SPEECH_TO_TEXT__{vendor.upper()}__MOST_SESSIONS"
    for said, expected in (({}, default), ({name: "3"}, 3)):
        recognizer = build("speech_to_text", vendor, settings=load(said, folder=tmp_path), clock=None)
        assert recognizer.terms.most_sessions == expected
    with pytest.raises(WrongSetting, match=name):
        build("speech_to_text", vendor, settings=load({name: "0"}, folder=tmp_path), clock=None)
