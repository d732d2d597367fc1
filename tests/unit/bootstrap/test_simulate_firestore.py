"""`omi simulate firestore` says how a server is pointed at it."""

from pathlib import Path

from adapters.outbound.memory_repository.firestore import FirestoreMemoryRepositorySettings
from bootstrap.commands_simulate import announcement
from bootstrap.settings import load


def test_the_settings_that_are_announced_choose_firestore_and_say_where_it_is(tmp_path: Path) -> None:
    told, *lines = announcement("firestore", url="127.0.0.1:8080", key="")
    assert "127.0.0.1:8080" in told
    settings = load(dict(line.split("=", 1) for line in lines), folder=tmp_path)
    for port in ("memory_repository", "people", "facts", "chat_history"):
        assert settings.names(port) == ("firestore",)
    own = settings.of_adapter("memory_repository", "firestore", FirestoreMemoryRepositorySettings)
    assert (own.host, own.insecure) == ("127.0.0.1:8080", True)
