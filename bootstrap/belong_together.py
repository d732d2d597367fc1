"""What has to be chosen together: mixtures that could not work stop the start."""

from collections.abc import Callable

from msgspec import Struct

from bootstrap.found_settings import variable
from bootstrap.known_settings import UNSEALED

Choice = tuple[str, str]
"""A port and the adapter that is chosen for it."""

FOLDER = variable(("shared_data_dir",))
KEY = variable(("vault", "shared", "master_key"))
SEVERAL: Choice = ("conversation_leases", "redis")
"""How several servers that are one are told from one alone."""


class Rule(Struct, frozen=True):
    """Who chooses something has to choose something else, too."""

    chosen: Choice
    port: str
    expected: tuple[str, ...]
    """Adapters of `port`, any of which does."""
    otherwise: str
    """What would happen with another one."""
    is_met_by_folder: bool = False
    """Files do as well, where all servers have the same data folder."""


RULES = (
    Rule(SEVERAL, "capture_journal", ("redis",), "nobody else finds the conversation of a server that is gone"),
    Rule(SEVERAL, "event_bus", ("redis",), "servers cannot ask each other for conversations"),
    Rule(SEVERAL, "job_queue", ("redis",), "memories wait for the server that ended them"),
    Rule(SEVERAL, "key_value_store", ("redis",), "each server has settings of its own of every user"),
    Rule(SEVERAL, "memory_repository", ("firestore",), "each server has memories of its own", is_met_by_folder=True),
    Rule(SEVERAL, "people", ("firestore",), "each server has people of its own", is_met_by_folder=True),
    Rule(SEVERAL, "facts", ("firestore",), "each server has facts of its own", is_met_by_folder=True),
    Rule(SEVERAL, "chat_history", ("firestore",), "each server has messages of its own", is_met_by_folder=True),
    Rule(SEVERAL, "object_store", ("gcs",), "a job finds no audio that another server kept", is_met_by_folder=True),
    Rule(SEVERAL, "text_index", ("redis",), "each server finds what it wrote itself", is_met_by_folder=True),
    Rule(SEVERAL, "vector_index", ("redis", "pinecone"), "each finds by meaning what it wrote", is_met_by_folder=True),
    Rule(SEVERAL, "vault", ("shared", *UNSEALED), "no server opens what another one sealed", is_met_by_folder=True),
    Rule(("capture_journal", "redis"), "conversation_leases", ("redis",), "two servers write one journal"),
    Rule(("capture_journal", "redis"), "job_queue", ("redis",), "memories wait for the server that ended them"),
    Rule(("vault", "shared"), "key_value_store", ("redis",), "the keys lie where no other server finds them"),
)


def mixture(name_of: Callable[[str], str], *, is_folder_shared: bool) -> str | None:
    """What is chosen and cannot work, and what to set; None where everything fits.

    Args:
        name_of: port -> the adapter that is chosen.
        is_folder_shared: all servers have the same data folder.
    """
    for rule in RULES:
        port, name = rule.chosen
        if name_of(port) != name or name_of(rule.port) in rule.expected:
            continue
        if rule.is_met_by_folder and is_folder_shared:
            continue
        folder = f", or {FOLDER}=true where all servers have one data folder" if rule.is_met_by_folder else ""
        return (
            f"{variable((rule.port, 'name'))} is {name_of(rule.port)!r}, and {variable((port, 'name'))} is {name!r}; "
            f"expected {' or '.join(rule.expected)}{folder}: else {rule.otherwise}"
        )
    return None


def unsealed(port: str, name: str) -> str:
    """That nobody said how a store that others reach is sealed, and what to set."""
    return (
        f"{variable((port, 'name'))} is {name!r}, and nothing says how what lies there is sealed; expected a key in "
        f"{KEY} (make one: openssl rand -base64 32), or {variable(('vault', 'name'))}=none to keep it in the clear"
    )
