import pytest

from adapters.outbound.speech_to_text.moonshine import MoonshineSpeechToText, MoonshineSpeechToTextSettings
from ports.diagnosis import Condition


@pytest.mark.parametrize("language", ["en", "EN", "en-US", "en_GB", "multi", "auto"])
def test_english_is_understood_also_where_it_may_be_spoken(language: str) -> None:
    assert MoonshineSpeechToText(MoonshineSpeechToTextSettings()).supports(language)


@pytest.mark.parametrize("language", ["de", "es-MX", "enm", "zh", ""])
def test_other_languages_are_not(language: str) -> None:
    assert not MoonshineSpeechToText(MoonshineSpeechToTextSettings()).supports(language)


async def test_installed_models_are_found_to_work() -> None:
    diagnosis = await MoonshineSpeechToText(MoonshineSpeechToTextSettings()).diagnose()
    assert diagnosis.condition is Condition.WORKING
