"""What is known of a stream when its sessions and conversations are over."""

from application.listening.conversation_records import Opened
from application.listening.known_streams import MOST_CONVERSATIONS, StreamHistory, StreamSession
from application.listening.live_conversation import LiveConversation
from application.users.user_values import UserValues
from domain.client_stream import Reach, StreamPlace
from domain.conversation import CaptureEpoch
from domain.ids import ConversationId, UserId
from tests.support.world import ANNA, PCM, World

BERT = UserId("bert")


def heard(world: World, name: str, *, end: int) -> LiveConversation:
    """A conversation in which a stream was heard up to a position."""
    conversation = ConversationId(name)
    opened = Opened(user=ANNA, epoch=CaptureEpoch(0, world.clock.now()))
    live = LiveConversation.begin(conversation, opened, journal=world.journal.open(conversation))
    live.carry(StreamPlace(name="capture", position=0, captured=0, rate=16_000), placed=None)
    live.ledger.capture(end)
    return live


async def test_what_is_known_of_a_stream_does_not_become_less() -> None:
    world = World()
    await world.streams.reached(ANNA, "capture", Reach(640))
    await world.streams.reached(ANNA, "capture", Reach(320))
    assert (await world.streams.history(ANNA, "capture")).reach == Reach(640)


async def test_nothing_is_known_of_the_stream_of_somebody_else() -> None:
    world = World()
    await world.streams.reached(ANNA, "capture", Reach(640))
    await world.streams.agree(ANNA, "capture", StreamSession(digest=b"of a token", audio=PCM))
    assert await world.streams.history(BERT, "capture") == StreamHistory()
    assert await world.streams.session(BERT, "capture") is None
    assert await world.streams.session(ANNA, "another") is None


async def test_conversations_that_are_over_are_known_in_order_once() -> None:
    world = World()
    for name in ("one", "two", "one"):
        await world.streams.ended(heard(world, name, end=320))
    history = await world.streams.history(ANNA, "capture")
    assert history.conversations == ("two", "one")
    assert history.reach == Reach(320)


async def test_only_the_last_conversations_are_known() -> None:
    world = World()
    for number in range(MOST_CONVERSATIONS + 5):
        await world.streams.ended(heard(world, str(number), end=0))
    known = (await world.streams.history(ANNA, "capture")).conversations
    assert (known[0], len(known)) == ("5", MOST_CONVERSATIONS)


async def test_a_stream_is_erased_with_its_user() -> None:
    world = World()
    await world.streams.reached(ANNA, "capture", Reach(640))
    await world.streams.agree(ANNA, "capture", StreamSession(digest=b"of a token", audio=PCM))

    async def forget(_user: UserId) -> None:
        pass

    await UserValues(world.values, forget_heard=forget).erase(ANNA)
    assert await world.streams.history(ANNA, "capture") == StreamHistory()
    assert await world.streams.session(ANNA, "capture") is None
