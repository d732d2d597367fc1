"""Settings that do not go together stop the start, with what to set; what is kept elsewhere is sealed by default."""

import base64
from pathlib import Path

import pytest

from bootstrap.belong_together import FOLDER, RULES, Rule
from bootstrap.found_settings import variable
from bootstrap.known_settings import DEFAULTS, SHARED_STORES, TELLING
from bootstrap.registry import REGISTRY
from bootstrap.settings import Settings, WrongSetting, load, load_alone

KEY = {"OMI_VAULT__SHARED__MASTER_KEY": base64.b64encode(bytes(32)).decode()}
INDEXES = ("text_index", "vector_index")
TOGETHER = ("conversation_leases", "capture_journal", "event_bus", "job_queue", "key_value_store", *INDEXES)
DOCUMENTS = ("memory_repository", "people", "facts", "chat_history")


def choosing(**chosen: str) -> dict[str, str]:
    return {variable((port, "name")): name for port, name in chosen.items()}


SERVERS = choosing(**dict.fromkeys(TOGETHER, "redis"), **dict.fromkeys(DOCUMENTS, "firestore"), object_store="gcs")
FITTING = {
    "conversation_leases": SERVERS | KEY,
    "capture_journal": SERVERS | KEY,
    "vault": choosing(vault="shared", key_value_store="redis"),
}
"""Whatever makes a rule count -> settings that keep all rules."""


def loaded(environment: dict[str, str], folder: Path) -> Settings:
    return load(environment, folder=folder)


@pytest.mark.parametrize("environment", FITTING.values(), ids=FITTING)
def test_what_goes_together_is_taken(environment: dict[str, str], tmp_path: Path) -> None:
    assert loaded(environment, tmp_path).names("vault") == ("shared",)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{'='.join(rule.chosen)} {rule.port}")
def test_what_could_not_work_is_refused_with_what_to_set(rule: Rule, tmp_path: Path) -> None:
    others = [name for name in REGISTRY[rule.port] if name not in rule.expected]
    assert others
    for name in others:
        broken = FITTING[rule.chosen[0]] | choosing(**{rule.port: name})
        if rule.chosen[0] == "capture_journal":
            broken |= choosing(conversation_leases="local" if rule.port == "conversation_leases" else "redis")
        with pytest.raises(WrongSetting) as refused:
            loaded(broken, tmp_path)
        told = str(refused.value)
        assert told.startswith(f"{variable((rule.port, 'name'))} is {name!r}, and ")
        assert f"expected {' or '.join(rule.expected)}" in told
        assert (FOLDER in told) is rule.is_met_by_folder
        assert "\n" not in told


def test_meanings_may_lie_with_a_vendor(tmp_path: Path) -> None:
    assert loaded(SERVERS | KEY | choosing(vector_index="pinecone"), tmp_path).names("vector_index") == ("pinecone",)


def test_servers_with_one_folder_may_keep_memories_in_its_files(tmp_path: Path) -> None:
    files = SERVERS | choosing(**{port: DEFAULTS[port] for port in (*DOCUMENTS, *INDEXES, "object_store", "vault")})
    with pytest.raises(WrongSetting, match=FOLDER):
        loaded(files, tmp_path)
    assert loaded(files | {FOLDER: "true"}, tmp_path).names("object_store") == ("files",)


@pytest.mark.parametrize("port", TELLING)
def test_what_others_reach_is_not_kept_in_the_clear_unless_that_is_said(port: str, tmp_path: Path) -> None:
    name = next(name for name in REGISTRY[port] if name in SHARED_STORES)
    more = choosing(conversation_leases="redis") if port == "capture_journal" else {}
    stores = SERVERS | more | {FOLDER: "true"} if more else choosing(**{port: name})
    with pytest.raises(WrongSetting) as refused:
        loaded(stores, tmp_path)
    told = str(refused.value)
    assert "openssl rand -base64 32" in told
    assert "OMI_VAULT__SHARED__MASTER_KEY" in told
    assert "OMI_VAULT__NAME=none" in told
    assert "\n" not in told
    assert loaded(stores | choosing(vault="none"), tmp_path).names("vault") == ("none",)


def test_a_master_key_for_many_servers_is_enough_to_have_it_sealed(tmp_path: Path) -> None:
    assert loaded(choosing(key_value_store="redis") | KEY, tmp_path).names("vault") == ("shared",)
    (tmp_path / "omi.toml").write_text(
        f"[key_value_store]\nname = 'redis'\n[vault.shared]\nmaster_key = '{KEY[next(iter(KEY))]}'\n"
    )
    assert loaded({}, tmp_path).names("vault") == ("shared",)


def test_an_empty_master_key_is_none(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="openssl"):
        loaded(choosing(key_value_store="redis") | dict.fromkeys(KEY, ""), tmp_path)


def test_the_keys_of_many_servers_do_not_lie_on_one_of_them(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"^OMI_KEY_VALUE_STORE__NAME is 'sqlite', and OMI_VAULT__NAME is 'shared'"):
        loaded(choosing(facts="firestore") | KEY, tmp_path)


@pytest.mark.parametrize("port", ["event_bus", "job_queue", "usage_ledger"])
def test_what_tells_nothing_needs_no_vault_of_many_servers(port: str, tmp_path: Path) -> None:
    name = next(name for name in REGISTRY[port] if name in SHARED_STORES)
    assert loaded(choosing(**{port: name}), tmp_path).names("vault") == ("local",)


def test_one_server_may_seal_what_lies_elsewhere_with_keys_of_its_own(tmp_path: Path) -> None:
    assert loaded(choosing(facts="firestore", vault="local"), tmp_path).names("vault") == ("local",)


def test_stores_of_another_program_may_be_as_they_are(tmp_path: Path) -> None:
    assert load_alone(choosing(facts="firestore"), folder=tmp_path).names("facts") == ("firestore",)
