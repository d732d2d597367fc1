"""The stand-in for OpenAI, as a command."""

from pathlib import Path

import httpx

from tests.end_to_end.test_command_line import Installation
from tests.end_to_end.test_simulate_and_costs import settings_in, started


def test_it_says_which_settings_point_a_server_at_it_and_fails_as_its_script_says(tmp_path: Path) -> None:
    script = tmp_path / "script.toml"
    script.write_text('[[faults]]\nkind = "http_status"\nstatus = 503\n')
    arguments = ("simulate", "openai", "--key", "a-key", "--script", str(script))
    with started(Installation(tmp_path / "data"), *arguments) as lines:
        settings = settings_in(lines)
        address = settings["OMI_LANGUAGE_MODEL__OPENAI__BASE_URL"]
        headers = {"Authorization": f"Bearer {settings['OMI_LANGUAGE_MODEL__OPENAI__API_KEY']}"}
        assert httpx.get(f"{address}/models", headers=headers).status_code == 200
        assert httpx.post(f"{address}/chat/completions", headers=headers, json={}).status_code == 503
    assert settings["OMI_LANGUAGE_MODEL__CHAIN"] == "openai,extractive"
