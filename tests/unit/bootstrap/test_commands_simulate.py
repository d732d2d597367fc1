import json
import shlex

import pytest
from click.testing import CliRunner

from bootstrap.commands_simulate import VENDORS, _serving, announcement, simulate
from bootstrap.settings import WrongSetting, load


@pytest.mark.parametrize(
    ("vendor", "port"), [("hume", "emotion_analyzer"), ("fcm", "notifier"), ("openai", "language_model")]
)
async def test_the_settings_that_are_shown_choose_the_simulation(vendor: str, port: str) -> None:
    async with _serving(vendor, "", host="127.0.0.1", port=0, key="any", script=None) as simulation:
        key = getattr(simulation, "service_account", "any")
        _, *lines = announcement(vendor, url=simulation.url, key=key)
    environment = dict(shlex.split(line)[0].partition("=")[::2] for line in lines)
    settings = load(environment)
    assert settings.names(port)[0] == vendor
    if vendor == "fcm":
        assert json.loads(environment["OMI_NOTIFIER__FCM__SERVICE_ACCOUNT"])["project_id"] == "simulated"


def test_a_script_for_a_vendor_that_follows_none_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    script = tmp_path / "script.toml"
    script.write_text("")
    result = CliRunner().invoke(simulate, ["hume", "--script", str(script)])
    assert isinstance(result.exception, WrongSetting)
    assert set(VENDORS) >= {"hume", "fcm"}
