"""Users who go: every store is asked until nothing is left, and crashes change nothing about that."""

from datetime import timedelta

import anyio
import pytest

from adapters.outbound.clock.manual import ManualClock
from adapters.outbound.job_queue.memory import InMemoryJobQueue
from application.jobs.run_jobs import JobRun
from application.users.erase_user import ERASE_USER, EraseUser, UserStore
from application.users.user_values import UserReviews, UserValues
from domain.ids import UserId
from ports.errors import Rejected, TemporarilyUnavailable
from tests.support.user_data import ANNA, BERT, Stores, fill

HOUR = timedelta(hours=1)


class Drawer:
    """A store that may be stuck, or be filled while it is emptied."""

    def __init__(self, *, stuck: int = 0, refilled: int = 0) -> None:
        self.things = 3
        self.stuck = stuck
        self.refilled = refilled

    async def erase(self, _user: UserId) -> None:
        await anyio.lowlevel.checkpoint()
        if self.stuck:
            self.stuck -= 1
            raise TemporarilyUnavailable("the drawer is stuck")
        self.things = 0
        if self.refilled:
            self.refilled -= 1
            self.things = 1

    async def count(self, _user: UserId) -> int:
        await anyio.lowlevel.checkpoint()
        return self.things

    def store(self, name: str = "drawer") -> UserStore:
        return UserStore(name, self.erase, self.count)


class Mute(Drawer):
    """Does not tell what is in it."""

    async def count(self, _user: UserId) -> int:
        await anyio.lowlevel.checkpoint()
        raise Rejected("wrong key")


class Erasing:
    """The use-case over drawers."""

    def __init__(self, *drawers: Drawer) -> None:
        self.clock = Hasty()
        self.jobs = InMemoryJobQueue(clock=self.clock)
        stores = [drawer.store(f"drawer {number}") for number, drawer in enumerate(drawers)]
        self.use_case = EraseUser(jobs=self.jobs, stores=stores, clock=self.clock)

    async def attempt(self) -> None:
        claim = await self.jobs.claim((ERASE_USER,), lease=HOUR)
        assert claim is not None
        await self.use_case.erase(JobRun(claim, queue=self.jobs, steps={}))


class Hasty(ManualClock):
    """A clock on which waiting takes no time."""

    async def sleep(self, seconds: float) -> None:  # noqa: ARG002 - the port
        await anyio.lowlevel.checkpoint()


async def test_what_there_was_and_what_is_left_is_told() -> None:
    erasing = Erasing(Drawer(), Drawer())
    erased = await erasing.use_case.at_once(ANNA)
    assert [(store.store, store.before, store.left) for store in erased] == [("drawer 0", 3, 0), ("drawer 1", 3, 0)]
    assert await erasing.jobs.ids_of(ANNA) == ()


async def test_what_was_put_back_meanwhile_is_erased_too() -> None:
    drawer = Drawer(refilled=2)
    [store] = await Erasing(drawer).use_case.at_once(ANNA)
    assert (store.left, drawer.things) == (0, 0)


async def test_a_store_that_fails_keeps_no_other_from_erasing() -> None:
    stuck, fine = Drawer(stuck=100), Drawer()
    erasing = Erasing(stuck, fine)
    with pytest.raises(TemporarilyUnavailable, match="stuck"):
        await erasing.use_case.at_once(ANNA)
    assert fine.things == 0
    assert len(await erasing.jobs.ids_of(ANNA)) == 1


async def test_a_store_that_cannot_even_count_keeps_no_other_from_erasing() -> None:
    mute, fine = Mute(), Drawer()
    with pytest.raises(TemporarilyUnavailable, match="wrong key"):
        await Erasing(mute, fine).use_case.at_once(ANNA)
    assert (mute.things, fine.things) == (0, 0)


async def test_a_job_goes_on_where_a_crash_left_it() -> None:
    stuck = Drawer(stuck=5)
    erasing = Erasing(stuck)
    await erasing.use_case.request(ANNA)
    claim = await erasing.jobs.claim((ERASE_USER,), lease=HOUR)
    assert claim is not None
    run = JobRun(claim, queue=erasing.jobs, steps={})
    with pytest.raises(TemporarilyUnavailable):
        await erasing.use_case.erase(run)
    await erasing.use_case.erase(run)
    assert stuck.things == 0


async def test_a_job_is_not_done_while_something_is_left() -> None:
    erasing = Erasing(Drawer(refilled=1_000))
    await erasing.use_case.request(ANNA)
    with pytest.raises(TemporarilyUnavailable, match="left in: drawer 0"):
        await erasing.attempt()


@pytest.fixture
async def stores() -> Stores:
    stores = Stores()
    await fill(stores.data, ANNA, word="Zanzibarquux")
    await fill(stores.data, BERT, word="Wobblefroth")
    return stores


async def forgotten(_user: UserId) -> None:
    await anyio.lowlevel.checkpoint()


async def test_values_and_reviews_of_a_user_go_and_those_of_others_stay(stores: Stores) -> None:
    values = UserValues(stores.data.values, forget_heard=forgotten)
    reviews = UserReviews(stores.data.values, reviews=stores.data.reviews)
    before = await values.count(BERT)
    for part in (reviews, values):
        assert await part.count(ANNA)
        await part.erase(ANNA)
        assert await part.count(ANNA) == 0
    assert await values.count(BERT) == before
    assert await reviews.count(BERT) == 1
    assert await stores.data.values.members("public-memories") == {"bert-zylm-trip"}
    kept = [*await stores.data.values.keys(""), *await stores.data.values.members("accounts")]
    assert not [key for key in kept if "anna" in key or "Zanzibarquux" in key]


@pytest.mark.parametrize(
    ("key", "is_theirs"),
    [
        ("users:ann:account", True),
        ("users:ann:developer:webhook_status:day_summary", True),
        ("users:ann:voices:an-encoder", True),
        ("users:ann:what others may add", True),
        ("users:anna:account", False),
        ("users:ann:a:account", False),
        ("users:ann:a:integration_keys:openglass", False),
        ("users:ann:account:account", False),
        ("plugins:ann:reviews", False),
    ],
)
async def test_keys_of_users_whose_names_begin_alike_are_told_apart(
    stores: Stores,
    key: str,
    is_theirs: bool,  # noqa: FBT001 - the fact
) -> None:
    await stores.data.values.put(key, b"1")
    await UserValues(stores.data.values, forget_heard=forgotten).erase(UserId("ann"))
    assert (await stores.data.values.get(key) is None) is is_theirs
