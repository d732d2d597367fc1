"""Speech of numbered words for the use-cases, and what became of it."""

from adapters.outbound.clock.manual import settle
from application.listening.listening_session import ListeningSession
from domain import watermark
from domain.memory import Memory
from ports.memory_repository import MemoryQuery
from tests.support.world import ANNA, PACKET_BYTES, World

PAUSE = 4_000
"""Samples between two words."""


def speech(first: int, count: int) -> bytes:
    return watermark.speech(first, count, pause=PAUSE)


async def play(world: World, session: ListeningSession, pcm: bytes) -> None:
    for start in range(0, len(pcm), PACKET_BYTES):
        session.accept(pcm[start : start + PACKET_BYTES])
        if start % (25 * PACKET_BYTES) == 0:
            await world.clock.advance(0.5)
    await settle(200)


async def memories(world: World) -> list[list[str]]:
    """The words of all memories, oldest first."""
    await settle(400)
    page = await world.memories.page(ANNA, MemoryQuery())
    return [said(memory) for memory in sorted(page.memories, key=lambda memory: memory.started_at or memory.created_at)]


def said(memory: Memory) -> list[str]:
    return [word for segment in memory.segments for word in segment.text.split()]


def words(first: int, count: int) -> list[str]:
    return [watermark.text_of(number) for number in range(first, first + count)]
