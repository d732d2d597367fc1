"""A backend of the original with users in every layout it ever had, written by the vendors' own libraries."""

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.firestore import AsyncClient
from redis.asyncio import Redis

from adapters.inbound.simulators.firestore import FirestoreSimulation
from adapters.outbound.firestore_client import shared_client
from adapters.outbound.firestore_settings import FirestorePlace
from adapters.outbound.user_encryption import AesGcmUserCipher
from domain.ids import UserId
from ports.object_store import ObjectStore

ANNA, BERT = UserId("28aBcDeFgHiJkLmNoPqRsTuVwXy2"), UserId("bertUid")
NOON = datetime(2024, 9, 14, 12, tzinfo=UTC)
SECRET = "a secret of at least 32 characters"  # noqa: S105 - of nobody
CIPHER = AesGcmUserCipher(SECRET)


def said(word: str) -> list[dict[str, Any]]:
    """A transcript of two segments, as 2024 had them. Both hold a word."""
    return [
        {
            "text": f"Shall we {word}?",
            "speaker": "SPEAKER_01",
            "speaker_id": 1,
            "is_user": False,
            "person_id": "dave",
            "start": 0,
            "end": 1.5,
        },
        {
            "text": f"Yes, {word}.",
            "speaker": "SPEAKER_00",
            "speaker_id": 0,
            "is_user": True,
            "person_id": None,
            "start": 2,
            "end": 3,
        },
    ]


def conversation(name: str, word: str, *, days: int = 0, **more: Any) -> dict[str, Any]:
    """The document of a memory of summer 2024."""
    begun = NOON + timedelta(days=days)
    return {
        "id": name,
        "created_at": begun,
        "started_at": begun,
        "finished_at": begun + timedelta(minutes=5),
        "source": "friend",
        "language": "en",
        "structured": {
            "title": f"About {word}",
            "overview": f"They speak of {word}.",
            "emoji": "🍝",
            "category": "social",
            "action_items": [{"description": f"Book {word}", "completed": False}],
            "events": [{"title": word, "description": "", "start": begun, "duration": 90, "created": False}],
        },
        "transcript_segments": said(word),
        "geolocation": None,
        "plugins_results": [{"plugin_id": "chef", "content": f"Cook {word}."}],
        "external_data": None,
        "postprocessing": None,
        "discarded": False,
        "deleted": False,
        "visibility": "private",
        "processing_memory_id": None,
    } | more


def sealed(user: str, content: bytes) -> str:
    """As backends since 2025 encrypt."""
    return base64.b64encode(CIPHER.encrypt(user, content)).decode()


def compressed(segments: list[dict[str, Any]]) -> dict[str, Any]:
    """A transcript as 2025 compresses it."""
    content = zlib.compress(json.dumps(segments).encode())
    return {
        "transcript_segments": content,
        "transcript_segments_compressed": True,
        "data_protection_level": "standard",
    }


def encrypted(user: str, segments: list[dict[str, Any]]) -> dict[str, Any]:
    """A transcript as 2025 encrypts it."""
    content = sealed(user, zlib.compress(json.dumps(segments).encode()).hex().encode())
    return {
        "transcript_segments": content,
        "transcript_segments_compressed": True,
        "data_protection_level": "enhanced",
    }


def documents_of(user: UserId, word: str) -> dict[str, dict[str, Any]]:
    """Path below the user -> fields: one memory for each layout, named for it, and something of everything else."""
    fact = {"uid": user, "category": "hobbies", "created_at": NOON, "updated_at": NOON, "deleted": False}
    message = {"created_at": NOON, "sender": "human", "type": "text", "memories_id": [], "deleted": False}
    enhanced = {"data_protection_level": "enhanced"}
    photo = {"id": "photo", "description": f"A {word}"}
    heard = "deepgram_streaming"
    return {
        "memories/plain": conversation("plain", word, visibility="shared"),
        "memories/plain/photos/0b0e": photo | {"base64": "/9j/AA=="},
        "memories/status": conversation("status", word, days=1, status="completed"),
        "memories/services": conversation("services", word, days=2, transcript_segments=[]),
        f"memories/services/{heard}/1": said(word)[0],
        f"memories/services/{heard}/2": said(word)[1],
        "memories/away": conversation("away", word, deleted=True),
        "memories/discarded": conversation("discarded", word, days=3, discarded=True),
        "conversations/compressed": conversation("compressed", word, days=4) | compressed(said(word)),
        "conversations/encrypted": conversation("encrypted", word, days=5) | encrypted(user, said(word)),
        "conversations/encrypted/photos/1c2d": photo | enhanced | {"base64": sealed(user, b"/9j/AA==")},
        "conversations/sealed": conversation("sealed", word, days=6)
        | enhanced
        | {"transcript_segments": sealed(user, json.dumps(said(word)).encode())},
        "conversations/plain": conversation("plain", word, visibility="shared"),
        "conversations/plain/photos/0b0e": photo | {"base64": "/9j/AA=="},
        "processing_memories/cut": {
            "id": "cut",
            "created_at": NOON + timedelta(days=7),
            "timer_start": NOON.timestamp(),
            "transcript_segments": said(word),
            "memory_id": None,
        },
        "processing_memories/made": {"id": "made", "transcript_segments": said(word), "memory_id": "plain"},
        "people/dave": {"id": "dave", "name": f"Dave {word}", "created_at": NOON, "updated_at": NOON, "deleted": False},
        "facts/old": fact | {"id": "old", "content": f"Likes {word}."},
        "facts/gone": fact | {"id": "gone", "content": f"Liked {word}.", "deleted": True},
        "memories/new": fact | {"id": "new", "content": f"Loves {word}.", "category": "core"},
        "memories/secret": fact | enhanced | {"id": "secret", "content": sealed(user, f"Hides {word}.".encode())},
        "messages/Xy12": message | {"id": "m1", "text": f"What of {word}?"},
        "messages/Xy13": message
        | enhanced
        | {"id": "m2", "text": sealed(user, f"It is {word}.".encode()), "sender": "ai"},
        "messages/Xy14": message | {"id": "m0", "text": "Cleared.", "deleted": True},
    }


SHOWN = ("plain", "status", "services", "compressed", "encrypted", "sealed", "cut", "discarded")
"""Memories that are to be found afterwards."""
ACCOUNT = {"fcm_token": "device", "time_zone": "Europe/Berlin", "store_recording_permission": True}


async def fill_firestore(simulation: FirestoreSimulation, user: UserId, *, word: str) -> None:
    """Writes a user's documents."""
    place = FirestorePlace(project="omi", database="(default)", credentials_file="", host=simulation.url, insecure=True)
    async with shared_client(place) as client:
        await _write(client, user, documents_of(user, word))


async def put_document(simulation: FirestoreSimulation, path: str, fields: dict[str, Any]) -> None:
    """Writes one document."""
    place = FirestorePlace(project="omi", database="(default)", credentials_file="", host=simulation.url, insecure=True)
    async with shared_client(place) as client:
        await client.document(path).set(fields)


async def _write(client: AsyncClient, user: UserId, documents: dict[str, dict[str, Any]]) -> None:
    batch = client.batch()
    batch.set(client.document(f"users/{user}"), ACCOUNT)
    for path, fields in documents.items():
        batch.set(client.document(f"users/{user}/{path}"), fields)
    await batch.commit()


async def fill_redis(url: str, user: UserId, *, word: str) -> None:
    """Writes a user's values, as Python's own text of them."""
    async with Redis.from_url(url) as client:
        await client.sadd(f"users:{user}:enabled_plugins", "chef", "diary")
        await client.set(f"users:{user}:name", "Anna", ex=3_600)
        await client.set(f"users:{user}:developer:webhook:memory_created", f"https://{word}.example/made")
        await client.set(f"users:{user}:developer:webhook_status:WebhookType.memory_created", "false")
        await client.set(f"users:{user}:speech_profile", str([[1, 2, 3], [4]]))
        await client.set(f"users:{user}:facts", str([{"content": word}]), ex=3_600)
        await client.set("memories-visibility:plain", user)
        review = {"score": 4.5, "review": f"Good {word}", "rated_at": NOON.isoformat(), "uid": user}
        stored = await client.get("plugins:chef:reviews")
        others = {} if stored is None else eval(stored)  # noqa: S307 - as the original does it
        await client.set("plugins:chef:reviews", str(others | {user: review}))


async def fill_bucket(store: ObjectStore, user: UserId, *, word: str) -> None:
    """Writes a user's objects."""
    content = word.encode()
    await store.put(user, "speech_profile.wav", b"RIFF" + content)
    await store.put(user, "additional_profile_recordings/plain_segment_1.wav", b"RIFF1" + content)
    await store.put(user, "people_profiles/dave/plain_segment_0.wav", b"RIFF2" + content)
    await store.put(user, "status.wav", b"RIFF3" + content)
