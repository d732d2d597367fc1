from pathlib import Path

import pytest

from benchmarks import server_process
from benchmarks.server_process import ServerFailed, ServerProcess


def test_a_server_has_data_and_address_of_its_own(tmp_path: Path) -> None:
    one, other = ServerProcess(tmp_path), ServerProcess(tmp_path)
    assert one.address == f"http://127.0.0.1:{one.port}"
    assert one.data_dir.is_relative_to(tmp_path)
    assert other.port > 0


def test_the_caller_s_settings_do_not_reach_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMI_PORT", "1")
    monkeypatch.setenv("OMI_SPEECH_GATE__ONSET", "1")
    server = ServerProcess(tmp_path, settings={"OMI_LOG_LEVEL": "debug"})
    environment = server._environment()
    assert environment["OMI_PORT"] == str(server.port)
    assert environment["OMI_LOG_LEVEL"] == "debug"
    assert "OMI_SPEECH_GATE__ONSET" not in environment


async def test_a_server_that_ends_at_its_start_says_why(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path, settings={"OMI_PORT": "many"})
    with pytest.raises(ServerFailed, match="OMI_PORT"):
        await server.start()


async def test_stopping_what_does_not_run_is_harmless(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    await server.stop()
    server.kill()
    with pytest.raises(ServerFailed):
        assert server.pid


def test_a_token_is_issued_before_the_server_runs(tmp_path: Path) -> None:
    assert ServerProcess(tmp_path).token("anna").count(".") == 2


def test_the_command_stands_in_this_project() -> None:
    assert (server_process.ROOT / "bootstrap" / "main.py").is_file()
