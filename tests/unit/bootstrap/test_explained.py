"""Settings as they are shown."""

from pathlib import Path

import pytest

from bootstrap.explained import MASK, explained
from bootstrap.found_settings import found_settings
from bootstrap.settings import WrongSetting, settings_of


def shown(environment: dict[str, str], folder: Path) -> dict[str, tuple[str, str]]:
    found = found_settings(environment, folder=folder)
    return {row.variable: (row.value, row.source) for row in explained(settings_of(found), found)}


def test_every_setting_tells_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "omi.toml").write_text("port = 1\nhost = '::1'\n[conversation]\nsilence_seconds = 30\n")
    (tmp_path / ".env").write_text("OMI_PORT=2\n")
    rows = shown({"OMI_AUTHENTICATOR__TRUST_UID": "true"}, tmp_path)
    assert rows["OMI_HOST"] == ("::1", "omi.toml")
    assert rows["OMI_PORT"] == ("2", ".env")
    assert rows["OMI_CONVERSATION__SILENCE_SECONDS"] == ("30.0", "omi.toml")
    assert rows["OMI_AUTHENTICATOR__TRUST_UID"] == ("true", "environment")
    assert rows["OMI_TEXT_EMBEDDER__NAME"] == ("minilm", "default")


def test_settings_of_chosen_adapters_are_among_them(tmp_path: Path) -> None:
    assert shown({}, tmp_path)["OMI_SPEECH_TO_TEXT__MOONSHINE__WORKERS"] == ("0", "default")


def test_secrets_are_masked(tmp_path: Path) -> None:
    chosen = {"OMI_SPEECH_TO_TEXT__CHAIN": "deepgram", "OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY": "hush"}
    assert shown(chosen, tmp_path)["OMI_SPEECH_TO_TEXT__DEEPGRAM__API_KEY"] == (MASK, "environment")


def test_a_wrong_setting_of_an_adapter_is_found(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="did you mean OMI_SPEECH_TO_TEXT__MOONSHINE__WORKERS"):
        shown({"OMI_SPEECH_TO_TEXT__MOONSHINE__WORKER": "1"}, tmp_path)
