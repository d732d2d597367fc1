"""Users with everything that a server may keep of them, in stores in memory."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.outbound.archive.zip import ZipArchive
from adapters.outbound.chat_history.memory import InMemoryChatHistory
from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.facts.memory import InMemoryFacts
from adapters.outbound.key_value_store.memory import InMemoryKeyValueStore
from adapters.outbound.memory_repository.memory import InMemoryMemoryRepository
from adapters.outbound.object_store.memory import InMemoryObjectStore
from adapters.outbound.people.memory import InMemoryPeople
from adapters.outbound.text_embedder.fake import FakeTextEmbedder
from adapters.outbound.text_index.memory import InMemoryTextIndex
from adapters.outbound.usage_ledger.memory import InMemoryUsageLedger
from adapters.outbound.vector_index.memory import InMemoryVectorIndex
from application.plugins.plugin_reviews import PluginReviews
from application.questions.recall import Recall
from application.users.accounts import Accounts
from application.users.export_user import ExportUser
from application.users.import_user import ImportUser
from application.users.user_data import UserData
from domain.chat import Message, Sender
from domain.fact import Fact, FactCategory
from domain.ids import MemoryId, PersonId, PluginId, SegmentId, UserId
from domain.memory import ActionItem, CalendarEvent, Geolocation, Memory, Photo, Structure, Visibility
from domain.person import Person
from domain.plugin_rating import Review
from domain.transcript import TranscriptSegment
from domain.usage import Usage
from domain.user import Account

ANNA, BERT = UserId("anna-quxo"), UserId("bert-zylm")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DAVE = PersonId("dave")


class Stores:
    """All stores that hold what is a user's, and what reads and writes them as a whole."""

    def __init__(self) -> None:
        clock = ManualClock()
        values = InMemoryKeyValueStore(clock=clock)
        self.data = UserData(
            memories=InMemoryMemoryRepository(),
            people=InMemoryPeople(),
            facts=InMemoryFacts(),
            chat=InMemoryChatHistory(),
            objects=InMemoryObjectStore(),
            values=values,
            usage=InMemoryUsageLedger(),
            accounts=Accounts(store=values),
            reviews=PluginReviews(store=values, clock=clock),
        )
        self.recall = Recall(
            memories=self.data.memories,
            embedder=FakeTextEmbedder(),
            texts=InMemoryTextIndex(),
            vectors=InMemoryVectorIndex(),
        )
        self.told: list[UserId] = []
        self.export_user = ExportUser(self.data, archive=ZipArchive())
        self.import_user = ImportUser(
            self.data, archive=ZipArchive(), recall=self.recall, voices_changed=self._voices_changed
        )

    async def _voices_changed(self, user: UserId) -> None:
        self.told.append(user)

    async def exported(self, user: UserId, path: Path) -> bytes:
        """The archive of a user."""
        path.unlink(missing_ok=True)
        await self.export_user.export(user, path)
        return path.read_bytes()


def said(text: str, *, number: int = 0, **more: object) -> TranscriptSegment:
    """Two seconds of speech."""
    fields = {"id": SegmentId(f"s{number}"), "text": text, "start": number * 32_000, "end": number * 32_000 + 31_000}
    return TranscriptSegment(**{**fields, **more})  # type: ignore[arg-type]


def a_memory(name: str, *texts: str, days: int = 0, **more: object) -> Memory:
    """A memory of a day, with words."""
    fields = {
        "id": MemoryId(name),
        "created_at": NOON + days * DAY,
        "started_at": NOON + days * DAY,
        "structure": Structure(title=f"About {name}"),
        "segments": tuple(said(text, number=number) for number, text in enumerate(texts)),
    }
    return Memory(**{**fields, **more})  # type: ignore[arg-type]


async def fill(data: UserData, user: UserId, *, word: str) -> None:
    """Gives a user something of everything. All of it holds a word."""
    trip = a_memory(
        f"{user}-trip",
        f"The {word} to Lisbon",
        f"We ate {word}",
        structure=Structure(
            title=f"{word} trip",
            overview=f"A <b>{word}</b> & sardines",
            action_items=(ActionItem(description=f"Book {word}", due=NOON + DAY, evidence=(SegmentId("s0"),)),),
            events=(CalendarEvent(title=f"{word} leaves", start=NOON + DAY),),
        ),
        geolocation=Geolocation(latitude=38.7, longitude=-9.1),
        photos=(Photo(key=f"photos/{user}-trip/1.jpg", description=f"A {word}", taken_at=NOON),),
        external={"from": word, "numbers": [1, 2.5, None]},
        visibility=Visibility.PUBLIC,
        has_recording=True,
    )
    for memory in (
        trip,
        a_memory(f"{user}-work", f"{word} meeting", days=2),
        a_memory(f"{user}-empty", discarded=True),
    ):
        await data.memories.save(user, memory)
    await data.values.put(f"memories-visibility:{trip.id}", user.encode())
    await data.values.add_member("public-memories", trip.id)
    await data.people.save(user, Person(id=DAVE, name=f"Dave {word}", created_at=NOON, updated_at=NOON))
    old = Fact(
        id=f"{user}-old",
        content=f"Lived in {word}",
        category=FactCategory.LIFESTYLE,
        created_at=NOON,
        updated_at=NOON,
        valid_from=NOON,
        valid_to=NOON + DAY,
        superseded_by=f"{user}-new",
        memory_id=trip.id,
    )
    new = Fact(id=f"{user}-new", content=f"Lives in {word}", created_at=NOON + DAY, updated_at=NOON + DAY)
    for fact in (old, new):
        await data.facts.save(user, fact)
    for number, sender in enumerate((Sender.HUMAN, Sender.AI)):
        message = Message(
            id=f"m{number}",
            text=f"{word}?",
            created_at=NOON + number * DAY,
            sender=sender,
            file_ids=("f1",),
            session_id="talk",
            reported=True,
        )
        await data.chat.append(user, message)
    await _fill_objects(data, user, word=word)
    await _fill_values(data, user, word=word)


async def _fill_objects(data: UserData, user: UserId, *, word: str) -> None:
    content = word.encode()
    await data.objects.put(user, f"recordings/{user}-trip/0.flac", b"fLaC" + content * 100)
    await data.objects.put(user, f"photos/{user}-trip/1.jpg", b"\xff\xd8\xff" + content)
    await data.objects.put(user, "speech_profile.wav", b"RIFF" + content)
    await data.objects.put(user, "../Odd key?", content)
    await data.objects.put(user, f"lent/{user}-trip/x", content)


async def _fill_values(data: UserData, user: UserId, *, word: str) -> None:
    await data.accounts.update(user, lambda _: Account(name=word, time_zone="Europe/Lisbon", push_token=f"push{word}"))
    await data.values.put(f"push_addresses:{word}", user.encode())
    await data.values.put(f"emotion_tasks:{word}", b'{"user":"%s","memory":"x"}' % user.encode())
    await data.values.put(f"users:{user}:store_recording_permission", b"1")
    await data.values.put(f"users:{user}:integration_keys:openglass", f"secret{word}".encode())
    await data.values.put(f"users:{user}:developer:webhook:day_summary", f"https://{word}.example".encode())
    await data.values.put(f"users:{user}:geolocation", word.encode(), lifetime=DAY)
    await data.values.put(f"users:{user}:chat_session", b"a random name")
    await data.values.add_member(f"users:{user}:enabled_plugins", "diary")
    review = Review(user=user, score=4.5, text=f"Good {word}", rated_at=NOON)
    await data.reviews.put(PluginId("diary"), review)
    row = Usage(
        user=user,
        recognizer="deepgram",
        started_at=NOON,
        open_seconds=2.5,
        audio_seconds=2.0,
        billed_seconds=2.0,
        micro_dollars=160,
    )
    await data.usage.record([row, row])
