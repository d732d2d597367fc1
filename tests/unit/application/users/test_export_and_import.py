"""Archives: what is in them, that they come back as they were, and what is done with those that nobody should trust."""

import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from msgspec import structs

from application.users.archive_changes import Conflicts, Verdict
from domain.chat import Message, Sender
from domain.fact import Fact
from domain.ids import MemoryId, UserId
from domain.memory import Memory, Visibility
from ports.errors import NotFound, Rejected
from tests.support.user_data import ANNA, BERT, DAY, NOON, Stores, a_memory, fill, said

Change = Callable[[dict[str, bytes]], object]
WORD, OTHER = "Zanzibarquux", "Wobblefroth"


@pytest.fixture
async def stores() -> Stores:
    stores = Stores()
    await fill(stores.data, ANNA, word=WORD)
    await fill(stores.data, BERT, word=OTHER)
    return stores


async def archive_of(stores: Stores, folder: Path) -> Path:
    path = folder / "anna.zip"
    await stores.exported(ANNA, path)
    return path


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tampered(path: Path, change: Change) -> Path:
    """An archive with something changed, and a manifest that does not know."""
    files = contents(path)
    change(files)
    return packed(path, files)


def rewritten(path: Path, change: Change) -> Path:
    """An archive with something changed, and a manifest that says so."""
    files = contents(path)
    change(files)
    told = json.loads(files.pop("manifest.json"))
    notes = {name: {"size": len(file), "sha256": sha256(file).hexdigest()} for name, file in files.items()}
    return packed(path, files | {"manifest.json": json.dumps(told | {"files": notes}).encode()})


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path.with_name("changed.zip"), "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path.with_name("changed.zip")


async def test_an_archive_holds_everything_of_its_user(stores: Stores, tmp_path: Path) -> None:
    files = contents(await archive_of(stores, tmp_path))
    assert set(files) >= {
        *("README.txt", "manifest.json", "settings.json", "files.jsonl"),
        *("memories.jsonl", "people.jsonl", "facts.jsonl", "chat.jsonl", "reviews.jsonl", "costs.jsonl"),
        *("files/recordings/anna-quxo-trip/0.flac", "files/photos/anna-quxo-trip/1.jpg", "files/speech_profile.wav"),
        *("transcripts/2026-01-01-anna-quxo-trip.txt", "transcripts/2026-01-01-anna-quxo-trip.vtt"),
    }
    manifest = json.loads(files["manifest.json"])
    assert (manifest["format"], manifest["version"], manifest["user"]) == ("omi-archive", 1, ANNA)
    assert manifest["counts"]["memories.jsonl"] == 3
    assert [json.loads(line)["content"] for line in files["facts.jsonl"].splitlines()] == [
        f"Lives in {WORD}",
        f"Lived in {WORD}",
    ]
    assert len(files["costs.jsonl"].splitlines()) == 2


async def test_an_archive_tells_no_secret_and_nobody_else(stores: Stores, tmp_path: Path) -> None:
    everything = b"\n".join(
        name.encode() + b"\n" + file for name, file in contents(await archive_of(stores, tmp_path)).items()
    )
    for word in (OTHER, BERT, f"secret{WORD}", f"push{WORD}", f"{WORD}.example", "lent/"):
        assert word.encode() not in everything


async def test_transcripts_can_be_read_and_played(stores: Stores, tmp_path: Path) -> None:
    files = contents(await archive_of(stores, tmp_path))
    text = files["transcripts/2026-01-01-anna-quxo-trip.txt"].decode()
    assert f"[00:00:02] Speaker 0: We ate {WORD}" in text
    assert files["transcripts/2026-01-01-anna-quxo-trip.vtt"].decode() == (
        f"WEBVTT\n\n00:00:00.000 --> 00:00:01.938\n<v Speaker 0>The {WORD} to Lisbon\n\n"
        f"00:00:02.000 --> 00:00:03.938\n<v Speaker 0>We ate {WORD}\n\n"
    )


async def test_what_was_exported_comes_back_as_it_was(stores: Stores, tmp_path: Path) -> None:
    path, elsewhere = await archive_of(stores, tmp_path), Stores()
    report = await elsewhere.import_user.read(ANNA, path)
    assert all(set(verdicts) == {Verdict.ADDED} for verdicts in report.values())
    assert await elsewhere.exported(ANNA, tmp_path / "again.zip") == path.read_bytes()
    found = await elsewhere.recall.search(ANNA, f"{WORD} Lisbon")
    assert found[0].memory.id == "anna-quxo-trip"
    assert await elsewhere.data.values.members("public-memories") == {"anna-quxo-trip"}
    assert elsewhere.told == [ANNA]


async def test_reading_it_twice_changes_nothing(stores: Stores, tmp_path: Path) -> None:
    path, elsewhere = await archive_of(stores, tmp_path), Stores()
    await elsewhere.import_user.read(ANNA, path)
    report = await elsewhere.import_user.read(ANNA, path)
    assert all(set(verdicts) == {Verdict.SAME} for verdicts in report.values())
    assert await elsewhere.exported(ANNA, tmp_path / "again.zip") == path.read_bytes()


async def test_a_preview_tells_what_would_be_done_and_does_nothing(stores: Stores, tmp_path: Path) -> None:
    path, elsewhere = await archive_of(stores, tmp_path), Stores()
    nothing = await elsewhere.exported(ANNA, tmp_path / "nothing.zip")
    report = await elsewhere.import_user.preview(ANNA, path)
    assert report["memories.jsonl"] == {Verdict.ADDED: 3}
    assert await elsewhere.exported(ANNA, tmp_path / "still.zip") == nothing


async def test_it_may_become_somebody_elses(stores: Stores, tmp_path: Path) -> None:
    path, elsewhere = await archive_of(stores, tmp_path), Stores()
    await elsewhere.import_user.read(UserId("carl"), path)
    assert (
        await elsewhere.data.memories.get(UserId("carl"), MemoryId("anna-quxo-trip"))
    ).structure.title == f"{WORD} trip"
    with pytest.raises(NotFound):
        await elsewhere.data.memories.get(ANNA, MemoryId("anna-quxo-trip"))


async def test_the_newer_of_two_wins_and_where_nobody_can_tell_what_is_there(stores: Stores, tmp_path: Path) -> None:
    path = await archive_of(stores, tmp_path)
    data = stores.data
    old = await data.facts.get(ANNA, "anna-quxo-old")
    await data.facts.save(ANNA, structs.replace(old, content="Older", updated_at=NOON - DAY))
    new = await data.facts.get(ANNA, "anna-quxo-new")
    await data.facts.save(ANNA, structs.replace(new, content="Newer", updated_at=NOON + 5 * DAY))
    await data.memories.update(ANNA, MemoryId("anna-quxo-work"), lambda m: structs.replace(m, language="pt"))
    report = await stores.import_user.read(ANNA, path)
    assert report["facts.jsonl"] == {Verdict.REPLACED: 1, Verdict.KEPT: 1}
    assert (await data.facts.get(ANNA, "anna-quxo-old")).content == f"Lived in {WORD}"
    assert (await data.facts.get(ANNA, "anna-quxo-new")).content == "Newer"
    assert (await data.memories.get(ANNA, MemoryId("anna-quxo-work"))).language == "pt"
    await stores.import_user.read(ANNA, path, conflicts=Conflicts.REPLACE)
    assert await stores.exported(ANNA, tmp_path / "again.zip") == path.read_bytes()


async def test_what_others_show_under_the_same_id_stays_theirs(stores: Stores, tmp_path: Path) -> None:
    path, elsewhere = await archive_of(stores, tmp_path), Stores()
    await elsewhere.data.values.put("memories-visibility:anna-quxo-trip", BERT.encode())
    await elsewhere.import_user.read(ANNA, path)
    assert await elsewhere.data.values.get("memories-visibility:anna-quxo-trip") == BERT.encode()
    memory = await elsewhere.data.memories.get(ANNA, MemoryId("anna-quxo-trip"))
    assert memory.visibility is Visibility.PRIVATE


async def test_each_of_many_memories_is_compared_with_the_one_that_is_there(stores: Stores, tmp_path: Path) -> None:
    for number in range(22):
        await stores.data.memories.save(ANNA, a_memory(f"m{number:02}"))
    path = await archive_of(stores, tmp_path)
    await stores.data.memories.delete(ANNA, MemoryId("m03"))
    await stores.data.memories.update(ANNA, MemoryId("m17"), lambda m: structs.replace(m, language="pt"))
    report = await stores.import_user.preview(ANNA, path)
    assert report["memories.jsonl"] == {Verdict.SAME: 23, Verdict.ADDED: 1, Verdict.KEPT: 1}


async def test_a_memory_that_an_archive_holds_twice_is_added_once(stores: Stores, tmp_path: Path) -> None:
    def twice(files: dict[str, bytes]) -> None:
        files["memories.jsonl"] *= 2
        told = json.loads(files["manifest.json"])
        told["counts"]["memories.jsonl"] *= 2
        files["manifest.json"] = json.dumps(told).encode()

    path, elsewhere = rewritten(await archive_of(stores, tmp_path), twice), Stores()
    report = await elsewhere.import_user.read(ANNA, path)
    assert report["memories.jsonl"] == {Verdict.ADDED: 3, Verdict.SAME: 3}


def without(name: str) -> Change:
    return lambda files: files.pop(name)


def instead(name: str, content: bytes) -> Change:
    return lambda files: files.update({name: content})


def manifest(**fields: object) -> Change:
    return lambda files: files.update(
        {"manifest.json": json.dumps(json.loads(files["manifest.json"]) | fields).encode()}
    )


@pytest.mark.parametrize(
    ("change", "how", "said"),
    [
        (without("manifest.json"), tampered, "no archive of Omi"),
        (instead("manifest.json", b"[]"), tampered, "manifest.json"),
        (manifest(format="other"), tampered, "its format is 'other'"),
        (manifest(version=2), tampered, "version 2; this Omi reads version 1"),
        (manifest(counts={}), tampered, "lines"),
        (without("people.jsonl"), tampered, "people.jsonl is missing"),
        (without("people.jsonl"), rewritten, "people.jsonl is missing"),
        (instead("more", b""), tampered, "does not tell of it"),
        (instead("README.txt", b"!"), tampered, "was changed or is damaged"),
        (instead("people.jsonl", b"{}\n"), rewritten, "people.jsonl, line 1"),
        (instead("people.jsonl", b"[" * 100_000 + b"\n"), rewritten, "people.jsonl, line 1"),
        (
            instead("chat.jsonl", b'{"id":"1","text":"","created_at":"2026-01-01T00:00:00","sender":"ai"}\n'),
            rewritten,
            "zone",
        ),
        (instead("files.jsonl", b'{"key":"k","file":"manifest.json"}\n'), rewritten, "no such file"),
        (instead("files.jsonl", b'{"key":"%s","file":"files/x"}\n' % (b"k" * 1_001)), rewritten, "cannot be"),
        (instead("reviews.jsonl", b'{"plugin":"p","score":7}\n'), rewritten, "cannot be"),
        (instead("settings.json", b"7"), rewritten, "settings.json"),
    ],
)
async def test_an_archive_that_cannot_be_trusted_is_refused_in_one_line(
    stores: Stores, tmp_path: Path, change: Change, how: Callable[[Path, Change], Path], said: str
) -> None:
    path = how(await archive_of(stores, tmp_path), change)
    elsewhere = Stores()
    with pytest.raises(Rejected) as refused:
        await elsewhere.import_user.read(ANNA, path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert await elsewhere.data.objects.list(ANNA) == ()
    assert await elsewhere.data.people.list(ANNA) == ()


TEXT = some.text(some.characters(exclude_categories=["Cs"]), max_size=30)
MOMENTS = some.integers(0, 10_000).map(lambda hours: NOON + hours * DAY / 24)
SEGMENTS = some.lists(TEXT, max_size=3).map(
    lambda texts: tuple(said(text, number=number) for number, text in enumerate(texts))
)
MEMORIES = some.builds(
    a_memory,
    TEXT,
    days=some.integers(0, 900),
    segments=SEGMENTS,
    discarded=some.booleans(),
    visibility=some.sampled_from(Visibility),
    external=some.none() | some.dictionaries(TEXT, some.floats(allow_nan=False, allow_infinity=False)),
)
FACTS = some.builds(Fact, id=TEXT, content=TEXT, created_at=MOMENTS, updated_at=MOMENTS, valid_to=some.none() | MOMENTS)
MESSAGES = some.builds(Message, id=TEXT, text=TEXT, created_at=MOMENTS, sender=some.sampled_from(Sender))
OBJECTS = some.dictionaries(TEXT, some.binary(max_size=50), max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    memories=some.lists(MEMORIES, max_size=4),
    facts=some.lists(FACTS, max_size=4),
    messages=some.lists(MESSAGES, max_size=4),
    objects=OBJECTS,
)
async def test_whatever_is_exported_comes_back(
    tmp_path: Path, memories: list[Memory], facts: list[Fact], messages: list[Message], objects: dict[str, bytes]
) -> None:
    here, there = Stores(), Stores()
    for memory in memories:
        await here.data.memories.save(ANNA, memory)
    for fact in facts:
        await here.data.facts.save(ANNA, fact)
    for message in messages:
        await here.data.chat.append(ANNA, message)
    for key, content in objects.items():
        await here.data.objects.put(ANNA, key, content)
    first = await here.exported(ANNA, tmp_path / "first.zip")
    await there.import_user.read(ANNA, tmp_path / "first.zip")
    assert await there.exported(ANNA, tmp_path / "second.zip") == first
    await there.import_user.read(ANNA, tmp_path / "first.zip")
    assert await there.exported(ANNA, tmp_path / "third.zip") == first
