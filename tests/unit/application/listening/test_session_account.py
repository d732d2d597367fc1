from application.listening.session_account import SessionAccount
from domain.audio import SAMPLE_RATE
from domain.ledger import CaptureLedger

SECOND = SAMPLE_RATE


def ledger(start: int = 0) -> CaptureLedger:
    """Ten seconds: two gated, three heard by one recognizer, two by another, one lost, one sent, one undecided."""
    found = CaptureLedger(start)
    found.capture(start + 10 * SECOND)
    found.gate(start, start + 2 * SECOND)
    found.send(start + 2 * SECOND, start + 9 * SECOND)
    found.finalize(start + 5 * SECOND, recognizer="deepgram")
    found.finalize(start + 7 * SECOND, recognizer="moonshine")
    found.lose(start + 7 * SECOND, start + 8 * SECOND, "nobody could hear it")
    return found


def sums(account: SessionAccount, *unsettled: tuple[CaptureLedger, int]) -> dict[str, object]:
    summary = account.summary(unsettled, packets=1, corrupt_packets=0, words=7, conversations=1)
    return {name: getattr(summary, name) for name in ("seconds", "speech", "gated", "transcribed", "pending", "gaps")}


def test_every_second_of_a_session_has_its_place() -> None:
    heard = {"deepgram": 3.0, "moonshine": 2.0}
    expected = {"seconds": 10.0, "speech": 8.0, "gated": 2.0, "transcribed": heard, "pending": 2.0, "gaps": 1.0}
    assert sums(SessionAccount(), (ledger(), 0)) == expected


def test_what_was_captured_by_an_earlier_session_is_not_counted() -> None:
    assert sums(SessionAccount(), (ledger(), 4 * SECOND))["transcribed"] == {"deepgram": 1.0, "moonshine": 2.0}


def test_conversations_that_are_over_and_that_go_on_add_up() -> None:
    account = SessionAccount()
    account.settle(ledger(), since=0)
    assert sums(account, (ledger(10 * SECOND), 10 * SECOND))["seconds"] == 20.0
    assert sums(account)["seconds"] == 10.0


def test_time_without_audio_is_not_captured() -> None:
    absent = ledger()
    absent.skip(60 * SECOND, "no audio arrived")
    assert sums(SessionAccount(), (absent, 0))["seconds"] == 10.0
