"""`omi keys`."""

import json
from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner

from adapters.outbound.clock.system import SystemClock
from adapters.outbound.vault.local import LocalVault, LocalVaultSettings
from bootstrap.main import omi
from domain.ids import UserId
from ports.errors import Rejected


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"OMI_DATA_DIR": str(tmp_path / "data")}


def make_keys(folder: Path) -> None:
    async def make() -> None:
        async with LocalVault(LocalVaultSettings(), data_dir=folder / "data", clock=SystemClock()) as vault:
            await vault.keys(UserId("anna"))

    anyio.run(make)


def test_a_new_folder_has_no_keys_and_none_are_made_by_looking(environment: dict[str, str], tmp_path: Path) -> None:
    ran = CliRunner().invoke(omi, ["keys", "status", "--json"], env=environment, catch_exceptions=False)
    assert json.loads(ran.output)["users"] == 0
    assert not (tmp_path / "data" / "vault").exists()


def test_rotating_is_seen_in_the_status(environment: dict[str, str], tmp_path: Path) -> None:
    make_keys(tmp_path)
    before = json.loads(CliRunner().invoke(omi, ["keys", "status", "--json"], env=environment).output)
    ran = CliRunner().invoke(omi, ["keys", "rotate"], env=environment, catch_exceptions=False)
    assert ran.output.startswith("Keys of 1 users were wrapped anew")
    after = json.loads(CliRunner().invoke(omi, ["keys", "status", "--json"], env=environment).output)
    assert (before["data_keys"], after["data_keys"], after["to_rewrap"]) == (1, 2, 0)
    assert before["master_key"] != after["master_key"]
    shown = CliRunner().invoke(omi, ["keys", "status"], env=environment, catch_exceptions=False).output
    assert "ended" in shown
    assert after["master_key"] in shown


def test_without_a_vault_there_is_nothing_to_rotate(environment: dict[str, str]) -> None:
    with pytest.raises(Rejected, match="OMI_VAULT__NAME is none"):
        CliRunner().invoke(
            omi, ["keys", "rotate"], env=environment | {"OMI_VAULT__NAME": "none"}, catch_exceptions=False
        )
