import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.plugin_catalog.catalog_format import read_catalog
from adapters.outbound.plugin_catalog.file import FilePluginCatalog, FilePluginCatalogSettings
from adapters.outbound.plugin_catalog.snapshot import SNAPSHOT
from domain.plugin import AuthStep, Capability, Plugin, Trigger
from ports.errors import Rejected

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def one(**fields: object) -> Plugin:
    (plugin,) = read_catalog(msgspec.json.encode([{"id": "a", "name": "A", **fields}]))
    return plugin


def test_an_integration_is_read_with_all_that_it_says() -> None:
    plugin = one(
        capabilities=["external_integration", "chat", "unknown"],
        external_integration={
            "triggers_on": "transcript_processed",
            "webhook_url": " https://a.example/hook ",
            "setup_completed_url": None,
            "setup_instructions_file_path": "/plugins/a.md",
            "auth_steps": [{"name": "Sign in", "url": "https://a.example/in", "more": 1}],
            "app_home_url": "https://a.example",
            "actions": [{"action": "create_facts"}, "read_memories"],
            "is_instructions_url": False,
        },
    )
    assert plugin.capabilities == {Capability.EXTERNAL_INTEGRATION, Capability.CHAT}
    assert plugin.external is not None
    assert (plugin.external.webhook_url, plugin.external.setup_completed_url) == ("https://a.example/hook", "")
    assert plugin.external.auth_steps == (AuthStep(name="Sign in", url="https://a.example/in"),)
    assert plugin.external.actions == ("create_facts", "read_memories")
    assert plugin.is_triggered_by(Trigger.TRANSCRIPT_PROCESSED)
    assert not plugin.is_triggered_by(Trigger.MEMORY_CREATION)


def test_a_proactive_plugin_is_read_with_its_scopes() -> None:
    plugin = one(capabilities=["proactive_notification"], proactive_notification={"scopes": ["user_name"]})
    assert plugin.proactive_scopes == ("user_name",)


def test_later_names_of_prompts_are_understood() -> None:
    plugin = one(conversation_prompt="Sum up", persona_prompt="Be kind")
    assert (plugin.memory_prompt, plugin.chat_prompt) == ("Sum up", "Be kind")


@pytest.mark.parametrize("trigger", [None, "", "unknown"])
def test_a_trigger_that_is_not_known_triggers_nothing(trigger: str | None) -> None:
    plugin = one(
        capabilities=["external_integration"],
        external_integration={"triggers_on": trigger, "webhook_url": "https://a.example/"},
    )
    assert not any(plugin.is_triggered_by(known) for known in Trigger)


@pytest.mark.parametrize(
    "bad", [{}, {"id": "x"}, {"id": "", "name": "X"}, {"id": "x" * 201, "name": "X"}, {"id": ["x"], "name": "X"}]
)
def test_an_entry_that_is_no_plugin_takes_no_other_along(bad: dict[str, object]) -> None:
    content = msgspec.json.encode([bad, {"id": "a", "name": "A"}])
    assert [plugin.id for plugin in read_catalog(content)] == ["a"]


@pytest.mark.parametrize("content", [b"", b"{}", b"5", b"[5]", b"\xff", b"[" * 100_000])
def test_what_is_no_catalog_is_rejected(content: bytes) -> None:
    with pytest.raises(Rejected):
        read_catalog(content)


FIELDS = ("capabilities", "external_integration", "deleted", "uid", "memory_prompt", "proactive_notification")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_whatever_a_field_holds_the_catalog_is_read(fields: dict[str, object]) -> None:
    content = msgspec.json.encode([{"id": "odd", "name": "Odd", **fields}, {"id": "a", "name": "A"}])
    assert read_catalog(content)[-1].id == "a"


async def test_the_plugins_that_come_with_the_program_can_be_used() -> None:
    async with FilePluginCatalog(FilePluginCatalogSettings()) as catalog:
        plugins = await catalog.plugins()
        assert len(plugins) == len(msgspec.json.decode(SNAPSHOT.read_bytes()))
        assert all(plugin.name and plugin.description and plugin.capabilities for plugin in plugins)
        assert (await catalog.diagnose()).finding == "6 plugins in snapshot.json"


async def test_a_file_that_is_not_there_names_its_setting() -> None:
    catalog = FilePluginCatalog(FilePluginCatalogSettings(path="nowhere.json"))
    with pytest.raises(Rejected, match="OMI_PLUGIN_CATALOG__FILE__PATH"):
        await catalog.__aenter__()
