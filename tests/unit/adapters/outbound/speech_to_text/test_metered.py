import pytest

from adapters.outbound.clock.manual import ManualClock, settle
from adapters.outbound.speech_to_text.metered import MeteredSpeechToText
from adapters.outbound.usage_ledger.memory import InMemoryUsageLedger
from application.users.tell_costs import TellCosts
from domain.audio import AudioFrame
from domain.ids import UserId
from domain.usage import Billing
from ports.speech_to_text import Terms, TranscriptionRequest
from tests.support.faulty_recognizer import FaultyRecognizer

ANNA = TranscriptionRequest(user=UserId("anna"))
SECOND = bytes(32_000)


class Vendor(FaultyRecognizer):
    def __init__(self, terms: Terms) -> None:
        super().__init__("vendor")
        self.terms = terms


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def spoken(clock: ManualClock, terms: Terms, *, audio: int, silence: float) -> TellCosts:
    """Some seconds of audio and some of silence over one connection, at 0.36 dollars an hour."""
    ledger = InMemoryUsageLedger()
    async with MeteredSpeechToText(Vendor(terms), ledger=ledger, clock=clock, dollars_per_hour=0.36) as recognizer:
        async with recognizer.open_stream(ANNA) as stream:
            for second in range(audio):
                await stream.send(AudioFrame(second * 16_000, SECOND))
                await clock.advance(1)
            await clock.advance(silence)
        await settle()
    return TellCosts(ledger=ledger, clock=clock)


@pytest.mark.parametrize(("billing", "seconds"), [(Billing.AUDIO, 10), (Billing.CONNECTION, 60), (Billing.NOTHING, 0)])
async def test_a_vendor_is_paid_for_what_it_bills(clock: ManualClock, billing: Billing, seconds: float) -> None:
    [cost] = await (await spoken(clock, Terms(billing=billing), audio=10, silence=50)).today()
    assert (cost.user, cost.recognizer, cost.connections) == ("anna", "vendor", 1)
    assert cost.audio_seconds == pytest.approx(10)
    assert cost.billed_seconds == pytest.approx(seconds)
    assert cost.micro_dollars == seconds * 100


async def test_a_short_connection_costs_the_least_that_is_billed(clock: ManualClock) -> None:
    terms = Terms(billing=Billing.AUDIO, least_billed=15)
    [cost] = await (await spoken(clock, terms, audio=1, silence=0)).today()
    assert cost.billed_seconds == 15


async def test_yesterday_is_not_today(clock: ManualClock) -> None:
    costs = await spoken(clock, Terms(billing=Billing.AUDIO), audio=1, silence=0)
    await clock.advance(24 * 3600)
    assert await costs.today() == ()
