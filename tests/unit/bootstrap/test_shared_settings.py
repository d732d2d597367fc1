"""What is said once for all adapters that use the same service."""

from pathlib import Path
from typing import Any

import pytest

from bootstrap.adapters import adapter_class, settings_class
from bootstrap.explained import MASK, explained
from bootstrap.found_settings import found_settings
from bootstrap.registry import REGISTRY
from bootstrap.settings import WrongSetting, load, settings_of
from bootstrap.shared_settings import SHARED, falls_back_to, section_of

URL = "redis://:hush@redis.example:6379/3"
IN_REDIS = ("key_value_store", "event_bus", "job_queue", "text_index", "vector_index")
IN_FIRESTORE = ("memory_repository", "people", "facts", "chat_history", "usage_ledger")


def own(environment: dict[str, str], port: str, name: str, *, folder: Path) -> Any:
    kind = settings_class(adapter_class(port, name))
    assert kind is not None
    return load(environment, folder=folder).of_adapter(port, name, kind)


@pytest.mark.parametrize("port", IN_REDIS)
def test_one_address_is_enough_for_all_that_keep_something_in_redis(port: str, tmp_path: Path) -> None:
    assert own({"OMI_REDIS__URL": URL}, port, "redis", folder=tmp_path).url == URL


@pytest.mark.parametrize("port", IN_FIRESTORE)
def test_one_project_is_enough_for_all_that_keep_something_in_firestore(port: str, tmp_path: Path) -> None:
    said = {"OMI_FIRESTORE__PROJECT": "omi", "OMI_FIRESTORE__CREDENTIALS_FILE": "key.json"}
    found = own(said, port, "firestore", folder=tmp_path)
    assert (found.project, found.credentials_file) == ("omi", "key.json")


@pytest.mark.parametrize(
    ("port", "name"), [("object_store", "gcs"), ("authenticator", "firebase"), ("notifier", "fcm")]
)
def test_one_account_of_google_is_enough(port: str, name: str, tmp_path: Path) -> None:
    assert own({"OMI_GOOGLE__SERVICE_ACCOUNT": "key.json"}, port, name, folder=tmp_path).service_account == "key.json"


def test_what_an_adapter_is_told_itself_wins(tmp_path: Path) -> None:
    said = {"OMI_REDIS__URL": URL, "OMI_JOB_QUEUE__REDIS__URL": "redis://elsewhere/0"}
    assert own(said, "job_queue", "redis", folder=tmp_path).url == "redis://elsewhere/0"
    assert own(said, "event_bus", "redis", folder=tmp_path).url == URL


def test_without_either_the_default_of_the_adapter_counts(tmp_path: Path) -> None:
    assert own({}, "job_queue", "redis", folder=tmp_path).url == "redis://127.0.0.1:6379/0"


def test_a_file_of_settings_may_say_it_too(tmp_path: Path) -> None:
    (tmp_path / "omi.toml").write_text(f"[redis]\nurl = '{URL}'\n")
    assert own({}, "job_queue", "redis", folder=tmp_path).url == URL


def test_an_unknown_shared_setting_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="did you mean OMI_REDIS__URL"):
        load({"OMI_REDIS__URI": URL}, folder=tmp_path)


def test_a_wrong_shared_setting_is_named_as_it_was_said(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"^OMI_REDIS__TIMEOUT is 'soon' \(environment\); expected a number"):
        load({"OMI_REDIS__TIMEOUT": "soon"}, folder=tmp_path)


def test_what_is_shared_is_shown_with_where_it_was_said_and_without_its_secrets(tmp_path: Path) -> None:
    found = found_settings({"OMI_REDIS__URL": URL, "OMI_JOB_QUEUE__NAME": "redis"}, folder=tmp_path)
    rows = {row.variable: (row.value, row.source) for row in explained(settings_of(found), found)}
    assert rows["OMI_REDIS__URL"] == (MASK, "environment")
    assert rows["OMI_JOB_QUEUE__REDIS__URL"] == (MASK, "OMI_REDIS__URL")


@pytest.mark.parametrize("section", SHARED)
def test_every_shared_setting_has_an_adapter_that_takes_it(section: str) -> None:
    takers = [(port, name) for port, names in REGISTRY.items() for name in names if section_of(name) == section]
    kinds = [(name, settings_class(adapter_class(port, name))) for port, name in takers]
    for setting in SHARED[section].__struct_fields__:
        assert any(kind and falls_back_to(name, setting, kind) for name, kind in kinds), setting


def test_keys_of_the_original_can_be_set(tmp_path: Path) -> None:
    assert load({"OMI_INTEGRATIONS__WORKFLOW": "key"}, folder=tmp_path).integrations.workflow == "key"
