"""Two servers and what one wrote when it was killed, could not reach Redis, or came back too late."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from msgspec import Struct

from adapters.outbound.capture_journal import redis as shared
from adapters.outbound.capture_journal import redis_scripts
from adapters.outbound.capture_journal.local_copy import (
    add_fetched,
    begin_fetched,
    remove_forgotten,
    settle_fetched,
)
from adapters.outbound.capture_journal.redis import RedisCaptureJournal, RedisCaptureJournalSettings
from adapters.outbound.conversation_leases.redis import RedisConversationLeases, RedisConversationLeasesSettings
from domain.ids import ConversationId, UserId
from ports.capture_journal import RecordKind
from ports.errors import NotFound, TemporarilyUnavailable
from tests.support.redis_server import RedisServer, redis_server

ANN, TALK = UserId("ann"), ConversationId("talk")
PACKET = RecordKind.PACKET


class Server(Struct):
    """One of several, with a disk of its own."""

    journal: RedisCaptureJournal
    leases: RedisConversationLeases
    folder: Path

    async def take(self) -> None:
        """Goes on with what another one had."""
        assert await self.leases.claim(ANN, TALK) == self.leases.server
        await self.journal.bring(TALK)

    def files(self) -> list[str]:
        return sorted(path.suffix for path in (self.folder / "journal").glob("*"))


class Cluster:
    """Servers around one Redis."""

    def __init__(self, redis: RedisServer, folder: Path) -> None:
        self.redis = redis
        self._folder = folder

    @asynccontextmanager
    async def server(self, name: str) -> AsyncIterator[Server]:
        url, folder = self.redis.url, self._folder / name
        settings = RedisCaptureJournalSettings(url=url, interval=0.005, timeout=0.5, retries=0)
        async with (
            RedisConversationLeases(
                settings=RedisConversationLeasesSettings(url=url, timeout=0.5, retries=0), data_dir=folder
            ) as leases,
            RedisCaptureJournal(settings=settings, data_dir=folder, leases=leases) as journal,
        ):
            beat = b"{omi:conversations}:beat:" + leases.server.encode()
            with anyio.fail_after(5):
                while not await journal._copies._redis.client.exists(beat):
                    await anyio.sleep(0.002)
            yield Server(journal, leases, folder)

    async def forget(self, server: Server) -> None:
        """It was killed, and for long enough."""
        server.leases._beat = anyio.lowlevel.checkpoint  # type: ignore[method-assign]
        await server.leases._ask("LEAVE", server.leases.server.encode())


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    async with redis_server(tmp_path) as redis:
        yield Cluster(redis, tmp_path)


async def begin(server: Server, *payloads: bytes) -> shared.RedisJournalWriter:
    server.leases.begin(ANN, TALK)
    writer = server.journal.open(TALK)
    for payload in payloads:
        writer.append(PACKET, payload)
    await writer.sync()
    return writer


async def content(server: Server) -> list[bytes]:
    return [record.payload async for record in server.journal.read(TALK)]


async def test_what_one_server_wrote_another_reads_without_keeping_it(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        await begin(one, b"a", b"b")
        assert await two.journal.conversations() == (TALK,)
        assert await content(two) == [b"a", b"b"]
        assert two.files() == []


async def test_what_is_appended_is_seen_by_others_soon(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        writer = await begin(one, b"a")
        writer.append(PACKET, b"b")
        with anyio.fail_after(2):
            while await content(two) != [b"a", b"b"]:
                await anyio.sleep(0.005)


async def test_another_server_goes_on_where_the_first_was_killed(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        await begin(one, b"a", b"b")
        await cluster.forget(one)
        await two.take()
        writer = two.journal.open(TALK)
        writer.append(PACKET, b"c")
        await writer.sync()
        assert await content(two) == [b"a", b"b", b"c"]
        async with cluster.server("three") as three:
            assert await content(three) == [b"a", b"b", b"c"]


async def test_two_who_bring_a_journal_at_once_both_have_all_of_it(cluster: Cluster) -> None:
    packets = [bytes([number]) * 60_000 for number in range(20)]
    async with cluster.server("one") as one, cluster.server("two") as two:
        await begin(one, *packets)
        await cluster.forget(one)
        assert await two.leases.claim(ANN, TALK) == two.leases.server
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(two.journal.bring, TALK)
        assert two.files() == [".journal"]
        writer = two.journal.open(TALK)
        writer.append(PACKET, b"c")
        await writer.sync()
        assert await content(two) == [*packets, b"c"]


async def test_what_is_written_while_somebody_else_still_brings_it_stays(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        await begin(one, b"a", bytes(300_000))
        await cluster.forget(one)
        assert await two.leases.claim(ANN, TALK) == two.leases.server
        journal, path = two.journal, two.journal._files.path(TALK)
        [state] = await journal._copies.states([TALK])
        late = begin_fetched(path, TALK, opened=state.opened)
        await journal.bring(TALK)
        writer = journal.open(TALK)
        writer.append(PACKET, b"c")
        async for piece in journal._copies.content(TALK, size=state.size):
            add_fetched(late, piece)
        settle_fetched(path, late)
        await writer.sync()
        assert (await content(two))[::2] == [b"a", b"c"]
        assert two.files() == [".journal"]


async def test_what_a_killed_server_had_half_fetched_is_removed(cluster: Cluster) -> None:
    async with cluster.server("one") as one:
        path = one.journal._files.path(TALK)
        old, new = (begin_fetched(path, TALK, opened=1) for _ in range(2))
        os.utime(old, (0, 0))
        remove_forgotten(path.parent)
        assert (old.exists(), new.exists()) == (False, True)


async def test_a_server_that_lost_its_lease_adds_nothing_and_learns_of_it(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        former = await begin(one, b"a")
        await cluster.forget(one)
        await two.take()
        writer = two.journal.open(TALK)
        former.append(PACKET, b"late")
        with pytest.raises(TemporarilyUnavailable):
            await former.sync()
        assert not one.leases.holds(TALK)
        writer.append(PACKET, b"b")
        await writer.sync()
        assert await content(two) == [b"a", b"b"]


async def test_what_has_settled_is_seen_by_others(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        writer = await begin(one, b"a")
        writer.append(PACKET, b"b")
        with anyio.fail_after(2):
            await writer.settle()
        assert await content(two) == [b"a", b"b"]


async def test_without_redis_audio_is_taken_and_shipped_later(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.outbound.capture_journal.shipping.TROUBLE_PAUSE", 0.02)
    async with cluster.server("one") as one, cluster.server("two") as two:
        writer = await begin(one, b"a")
        cluster.redis.kill()
        writer.append(PACKET, b"b")
        with pytest.raises(TemporarilyUnavailable):
            await writer.sync()
        with pytest.raises(TemporarilyUnavailable):
            await writer.settle()
        assert await content(one) == [b"a", b"b"]
        await cluster.redis.start()
        writer.append(PACKET, b"c")
        with anyio.fail_after(5):
            while await content(two) != [b"a", b"b", b"c"]:
                await anyio.sleep(0.02)


async def test_a_redis_that_forgot_everything_is_told_again(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        writer = await begin(one, b"a", b"b")
        await one.journal._copies._redis.client.flushall()
        writer.append(PACKET, b"c")
        await writer.sync()
        assert await content(two) == [b"a", b"b", b"c"]


async def test_a_batch_whose_answer_was_lost_is_not_added_twice(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        writer = await begin(one, b"a")
        one.journal._journals[TALK].offset = 0
        writer.append(PACKET, b"b")
        await writer.sync()
        assert await content(two) == [b"a", b"b"]


async def test_large_journals_lie_in_chunks_and_come_back_whole(cluster: Cluster) -> None:
    payloads = [bytes([number]) * 300_000 for number in range(40)]
    assert sum(map(len, payloads)) > 2 * redis_scripts.CHUNK
    async with cluster.server("one") as one, cluster.server("two") as two:
        await begin(one, *payloads)
        assert await content(two) == payloads
        await cluster.forget(one)
        await two.take()
        assert await content(two) == payloads


async def test_a_server_that_comes_back_ships_what_others_never_saw(cluster: Cluster) -> None:
    async with cluster.server("one") as one:
        writer = await begin(one, b"a")
        one.journal._journals[TALK].is_dirty = True  # nothing more of it is shipped, ...
        writer.append(PACKET, b"b")
        writer.close()
        one.journal._journals[TALK].is_refused = True  # ... not even on leaving
        await cluster.forget(one)
    async with cluster.server("one") as again, cluster.server("two") as two:
        assert await content(two) == [b"a"]
        await again.take()
        assert await content(again) == [b"a", b"b"]
        await again.journal.open(TALK).sync()
        assert await content(two) == [b"a", b"b"]


async def test_what_comes_back_too_late_is_put_aside(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        former = await begin(one, b"a")
        await cluster.forget(one)
        await two.take()
        writer = two.journal.open(TALK)
        writer.append(PACKET, b"b")
        await writer.sync()
        former.append(PACKET, b"late")
        former.close()
        await two.leases.release(TALK)
        await one.take()
        assert await content(one) == [b"a", b"b"]
        assert one.files() == [".behind", ".journal"]


async def test_a_record_that_was_torn_is_cut_off_by_who_goes_on(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        await begin(one, b"a", b"bbbb")
        await cut_copy(one, by=2)
        await cluster.forget(one)
        await two.take()
        writer = two.journal.open(TALK)
        writer.append(PACKET, b"c")
        await writer.sync()
        async with cluster.server("three") as three:
            assert await content(three) == [b"a", b"c"]


async def test_a_removed_journal_is_gone_from_every_server(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        writer = await begin(one, b"a")
        one.leases.forget(TALK)
        writer.close()
        await two.journal.remove(TALK)
        with pytest.raises(NotFound):
            await content(one)
        assert await one.journal.conversations() == ()
        await one.journal._tidy_once()
        assert one.files() == []


async def test_a_file_of_what_goes_on_elsewhere_is_tidied_away(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        former = await begin(one, b"a")
        former.close()
        await one.leases.release(TALK)
        await two.take()
        await one.journal._tidy_once()
        assert one.files() == [".journal"]  # nobody has gone on yet
        writer = two.journal.open(TALK)
        writer.append(PACKET, b"b")
        await writer.sync()
        await one.journal._tidy_once()
        assert one.files() == []


def redis_scripts_place() -> bytes:
    return b"{omi:conversations}:chunk:talk:0"


async def cut_copy(server: Server, *, by: int) -> None:
    """As if the last piece had been shipped in part."""
    client = server.journal._copies._redis.client
    whole = await client.get(redis_scripts_place())
    assert whole is not None
    await client.set(redis_scripts_place(), whole[:-by])
    await client.hincrby(b"{omi:conversations}:journal:talk", "size", -by)


async def test_a_server_that_is_started_again_at_once_has_its_conversations_and_ships_their_end(
    cluster: Cluster,
) -> None:
    async with cluster.server("two") as two:
        async with cluster.server("one") as one:
            writer = await begin(one, b"a")
            one.journal._journals[TALK].is_dirty = True  # nothing more of it is shipped, ...
            writer.append(PACKET, b"b")
            writer.close()
            one.journal._journals[TALK].is_refused = True  # ... not even on leaving
            name = one.leases.server
            (one.folder / "server.name").write_text(name)
        await two.leases._ask("BEAT", name.encode(), 60_000)  # nobody has noticed yet
        async with cluster.server("one") as again:
            assert again.leases.holds(TALK)
            assert await two.leases.claim(ANN, TALK) == again.leases.server
            await again.take()
            await again.journal.open(TALK).sync()
            assert await content(two) == [b"a", b"b"]


async def test_what_was_not_there_when_it_was_asked_for_is_read_when_it_has_come(cluster: Cluster) -> None:
    async with cluster.server("one") as one, cluster.server("two") as two:
        await two.journal.bring(TALK)
        await begin(one, b"a")
        assert await content(two) == [b"a"]
