"""The chain of language models: as it is set, with the embedded one at its end."""

import pytest

from adapters.outbound.clock.manual import ManualClock
from bootstrap.adapters import language_model_chain
from bootstrap.settings import WrongSetting, load


def chain(tmp_path, **settings: str) -> list[str]:
    environment = {f"OMI_LANGUAGE_MODEL__{name}": value for name, value in settings.items()}
    made = language_model_chain(load(environment, folder=tmp_path), ManualClock())
    return [model.name for model in made._models]


def test_with_nothing_set_the_embedded_model_is_alone(tmp_path) -> None:
    assert chain(tmp_path) == ["extractive"]


@pytest.mark.parametrize("named", ["openai,extractive", "openai", "extractive,openai"])
def test_the_embedded_model_is_last_however_it_is_named(tmp_path, named: str) -> None:
    assert chain(tmp_path, CHAIN=named) == ["openai", "extractive"]


def test_one_model_can_be_set_by_its_name(tmp_path) -> None:
    assert chain(tmp_path, NAME="openai") == ["openai", "extractive"]


def test_settings_reach_the_model(tmp_path) -> None:
    settings = {
        "OMI_LANGUAGE_MODEL__CHAIN": "openai",
        "OMI_LANGUAGE_MODEL__OPENAI__BASE_URL": "http://127.0.0.1:11434/v1",
        "OMI_LANGUAGE_MODEL__OPENAI__MODEL": "qwen3:8b",
        "OMI_LANGUAGE_MODEL__OPENAI__WRITING": "json_object",
        "OMI_LANGUAGE_MODEL__OPENAI__CONTEXT_TOKENS": "32000",
    }
    [first, _] = language_model_chain(load(settings, folder=tmp_path), ManualClock())._models
    assert first.capabilities.writing == "json_object"
    assert first.capabilities.context_tokens == 32_000


def test_a_model_that_there_is_not_stops_the_start(tmp_path) -> None:
    with pytest.raises(WrongSetting, match="OMI_LANGUAGE_MODEL__CHAIN is 'gpt'"):
        chain(tmp_path, CHAIN="gpt,extractive")
