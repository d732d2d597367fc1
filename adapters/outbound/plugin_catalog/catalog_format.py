"""Plugin catalogs in JSON, as the community's file has them. What is not understood is left out, plugin by plugin."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from domain.ids import PluginId, UserId
from domain.plugin import AuthStep, Capability, ExternalIntegration, Plugin, Trigger
from ports.errors import Rejected

LONGEST_ID = 200
"""Characters. Plugins with a longer id are left out."""

Known = TypeVar("Known", Capability, Trigger)


class _AuthStep(Struct):
    name: str = ""
    url: str = ""


class _External(Struct):
    triggers_on: str | None = None
    webhook_url: str | None = None
    setup_completed_url: str | None = None
    setup_instructions_file_path: str | None = None
    auth_steps: list[_AuthStep] | None = None
    app_home_url: str | None = None
    actions: list[Any] | None = None


class _Proactive(Struct):
    scopes: list[str] | None = None


class _Entry(Struct):
    id: str
    name: str
    author: str | None = None
    description: str | None = None
    image: str | None = None
    category: str | None = None
    capabilities: list[str] | None = None
    memory_prompt: str | None = None
    chat_prompt: str | None = None
    persona_prompt: str | None = None
    conversation_prompt: str | None = None
    external_integration: _External | None = None
    proactive_notification: _Proactive | None = None
    uid: str | None = None
    private: bool | None = None
    deleted: bool | None = None


def read_catalog(content: bytes) -> tuple[Plugin, ...]:
    """The plugins of a catalog, in its order. Of two with one id, the first counts.

    Raises:
        Rejected: it is no JSON, or no list of objects.
    """
    try:
        entries = msgspec.json.decode(content, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("the catalog of plugins is not a list of plugins in JSON") from error
    found: dict[PluginId, Plugin] = {}
    for entry in entries:
        plugin = _plugin(entry)
        if plugin is not None:
            found.setdefault(plugin.id, plugin)
    return tuple(found.values())


def _plugin(content: dict[str, Any]) -> Plugin | None:
    """A plugin; None where an entry is not one."""
    try:
        entry = msgspec.convert(content, _Entry, strict=False)
    except msgspec.ValidationError:
        return None
    if not 0 < len(entry.id) <= LONGEST_ID:
        return None
    proactive = entry.proactive_notification
    return Plugin(
        id=PluginId(entry.id),
        name=entry.name,
        author=entry.author or "",
        description=entry.description or "",
        image=entry.image or "",
        category=entry.category or "",
        capabilities=frozenset(_known(entry.capabilities or (), Capability)),
        memory_prompt=entry.memory_prompt or entry.conversation_prompt or "",
        chat_prompt=entry.chat_prompt or entry.persona_prompt or "",
        external=_external(entry.external_integration) if entry.external_integration else None,
        proactive_scopes=tuple(proactive.scopes or ()) if proactive else (),
        owner=UserId(entry.uid) if entry.uid else None,
        private=bool(entry.private),
        deleted=bool(entry.deleted),
    )


def _external(content: _External) -> ExternalIntegration:
    triggers = list(_known([content.triggers_on or ""], Trigger))
    return ExternalIntegration(
        trigger=triggers[0] if triggers else None,
        webhook_url=(content.webhook_url or "").strip(),
        setup_completed_url=(content.setup_completed_url or "").strip(),
        setup_instructions_path=content.setup_instructions_file_path or "",
        auth_steps=tuple(AuthStep(name=step.name, url=step.url) for step in content.auth_steps or ()),
        app_home_url=content.app_home_url or "",
        actions=tuple(_action(action) for action in content.actions or ()),
    )


def _action(action: object) -> str:
    """The name of an action: newer catalogs wrap it."""
    return str(action.get("action", "")) if isinstance(action, dict) else str(action)


def _known(names: Iterable[str], kind: type[Known]) -> Iterable[Known]:
    known = {str(member): member for member in kind}
    return (known[name] for name in names if name in known)
