from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner, Result

from application.plugins.app_keys import place_of
from bootstrap.commands_integrations import _keys, _values, app_key, integration_key
from domain.errors import Unauthenticated
from domain.ids import UserId
from domain.integration import Integration
from ports.errors import NotFound, Rejected

FOR_ANNA = ("--integration", "workflow", "--user", "anna")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMI_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(integration_key, arguments)


def opens(key: str) -> bool:
    async def check() -> bool:
        async with _keys() as keys:
            try:
                await keys.check(Integration.WORKFLOW, UserId("anna"), key)
            except Unauthenticated:
                return False
            return True

    return anyio.run(check)


@pytest.mark.usefixtures("folder")
def test_a_key_that_is_made_opens_until_it_is_revoked() -> None:
    made = run("create", *FOR_ANNA)
    assert made.exit_code == 0
    key = made.output.strip()
    assert opens(key)
    assert run("revoke", *FOR_ANNA).exit_code == 0
    assert not opens(key)


@pytest.mark.usefixtures("folder")
def test_there_is_no_key_for_any_program() -> None:
    assert run("create", "--integration", "other", "--user", "anna").exit_code == 2


@pytest.mark.usefixtures("folder")
def test_keys_that_would_be_lost_are_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMI_KEY_VALUE_STORE__NAME", "memory")
    assert isinstance(run("create", *FOR_ANNA).exception, Rejected)


def of_app(*arguments: str) -> Result:
    return CliRunner().invoke(app_key, arguments)


@pytest.mark.usefixtures("folder")
def test_a_key_of_an_app_is_made_listed_and_revoked() -> None:
    secret = of_app("create", "--app", "notebook", "--label", "home").output.strip()

    async def opens() -> bool:
        async with _values() as (keys, _):
            return await keys.is_genuine(place_of("notebook"), secret)

    assert anyio.run(opens)
    listed = of_app("list", "--app", "notebook").output
    key_id = listed.split()[0]
    assert listed.endswith("home\n")
    assert secret not in listed
    assert of_app("revoke", "--app", "notebook", "--key", key_id).exit_code == 0
    assert not anyio.run(opens)
    assert isinstance(of_app("revoke", "--app", "notebook", "--key", key_id).exception, NotFound)
    assert of_app("list", "--app", "notebook").output == ""


@pytest.mark.usefixtures("folder")
def test_the_id_of_an_app_has_an_end() -> None:
    assert of_app("create", "--app", "a" * 201).exit_code == 2
