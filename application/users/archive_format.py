"""What lies in an archive of a user, by name: version 1 of the format. `docs/export.md` describes it for others."""

import re
from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec import Struct

from domain.ids import PluginId

FORMAT = "omi-archive"
VERSION = 1

README = "README.txt"
MANIFEST = "manifest.json"
MEMORIES = "memories.jsonl"
PEOPLE = "people.jsonl"
FACTS = "facts.jsonl"
CHAT = "chat.jsonl"
SETTINGS = "settings.json"
REVIEWS = "reviews.jsonl"
COSTS = "costs.jsonl"
FILES = "files.jsonl"
"""Which key of the object store lies in which file."""
TRANSCRIPTS = "transcripts/"
STORED = "files/"
"""What the object store has: recordings, photos, voices."""
TABLES = (PEOPLE, FACTS, CHAT, MEMORIES, REVIEWS, COSTS, FILES)

_PLAIN = re.compile(r"[a-z0-9_][a-z0-9._-]*(?:/[a-z0-9_][a-z0-9._-]*)*")
_LONGEST_PLAIN = 200
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


class FileNote(Struct, frozen=True, kw_only=True):
    """What the manifest says of a file."""

    size: int
    """Bytes."""
    sha256: str
    """Of its content, as 64 hexadecimal digits."""


class Manifest(Struct, frozen=True, kw_only=True):
    """What an archive holds."""

    format: str = FORMAT
    version: int = VERSION
    user: str
    counts: dict[str, int]
    """Lines of each table, by file."""
    files: dict[str, FileNote]
    """Every file but the manifest."""


class StoredFile(Struct, frozen=True, kw_only=True):
    """An object and the file that it is."""

    key: str
    file: str


class ArchivedReview(Struct, frozen=True, kw_only=True):
    """What the user thinks of a plugin. That it is the user's goes without saying."""

    plugin: PluginId
    score: float
    """0 to 5."""
    text: str = ""
    rated_at: datetime | None = None


class ArchivedCost(Struct, frozen=True, kw_only=True):
    """One connection to a recognizer, as `domain.usage.Usage`. That it is the user's goes without saying."""

    recognizer: str
    started_at: datetime
    open_seconds: float
    audio_seconds: float
    billed_seconds: float
    micro_dollars: int


class ArchivedAccount(Struct, frozen=True, kw_only=True):
    """What the user said of themselves. The address of their device is a secret and stays behind."""

    name: str = ""
    time_zone: str = "UTC"
    language: str = ""
    translates: bool | None = None
    translation_language: str = ""
    preferred_app: str = ""
    dev_mode: bool = False


class ArchivedSettings(Struct, frozen=True, kw_only=True):
    """What the user chose. Keys and addresses that programs are called by are secrets and stay behind."""

    account: ArchivedAccount | None = None
    """None where nothing was ever said."""
    flags: tuple[str, ...] = ()
    """Names of what is switched on; see `archived_settings.FLAGS`."""
    sets: dict[str, tuple[str, ...]] = {}
    """What was chosen of many; see `archived_settings.SETS`."""


def json(value: object) -> bytes:
    """A value as a document that people can read, too."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def file_of(key: str, *, taken: set[str]) -> str:
    """The file of an object: named as its key where every system can have that, else by its hash.

    Args:
        key: of the object store.
        taken: names that were given; this one is added.
    """
    is_plain = len(key) <= _LONGEST_PLAIN and _PLAIN.fullmatch(key) is not None
    name = STORED + (key if is_plain else _by_hash(key))
    if name in taken:
        name = f"{STORED}{_by_hash(key)}"
    taken.add(name)
    return name


def _by_hash(key: str) -> str:
    _, dot, last = key.rpartition(".")
    ending = dot + last.lower()
    digits = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"other/{digits}{ending if _ENDING.fullmatch(ending) else ''}"
