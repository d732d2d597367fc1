"""Messages of clients beside their audio."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.inbound.listen.control import obey
from adapters.inbound.listen.parameters import parsed, requested
from domain.audio import SAMPLE_RATE
from domain.errors import InvalidRequest
from domain.ids import UserId
from domain.session import SessionRequest
from domain.suggestion import SuggestedSegment

ANNA = UserId("anna")


class Session:
    """Notes what is asked of it."""

    def __init__(self, *, hears_itself: bool = True) -> None:
        self.taken: list[tuple[SuggestedSegment, ...]] = []
        self.providers: list[str] = []
        self.suggest: Any = self._suggest if hears_itself else None

    def _suggest(self, segments: list[SuggestedSegment], *, provider: str) -> None:
        self.taken.append(tuple(segments))
        self.providers.append(provider)


def say(session: Any, **message: Any) -> None:
    obey(json.dumps(message), session)


def request_of(query: str) -> SessionRequest:
    return requested(parsed(query.encode()), ANNA)


def test_what_a_client_heard_is_taken() -> None:
    session = Session()
    segment = {"id": "a", "text": "hello", "speaker": "SPEAKER_02", "is_user": True, "start": 1.5, "end": 2, "more": 1}
    say(session, type="suggested_transcript", segments=[segment], stt_provider="whisper")
    expected = SuggestedSegment(id="a", text="hello", start=24_000, end=2 * SAMPLE_RATE, speaker=2)
    assert session.taken == [(expected,)]
    assert session.providers == ["whisper"]


def test_a_voice_may_be_a_number_or_nothing() -> None:
    session = Session()
    given = [{"text": "a", "start": 0, "end": 1, "speaker_id": 7}, {"text": "b", "start": 2, "end": 1, "speaker": "x"}]
    say(session, type="suggested_transcript", segments=given)
    assert [one.speaker for one in session.taken[0]] == [7, 0]
    assert session.taken[0][1].end == session.taken[0][1].start  # never before it


@pytest.mark.parametrize(
    "segments",
    [None, "x", [1], [{"text": "a"}], [{"text": 1, "start": 0, "end": 1}], [{"text": "a", "start": -1, "end": 1}],
     [{"text": "a", "start": 0, "end": 1e9}], [{"text": "a", "start": 0, "end": 1, "speaker_id": -3}]],
)  # fmt: skip
def test_what_cannot_be_is_passed_over(segments: Any) -> None:
    session = Session()
    say(session, type="suggested_transcript", segments=segments)
    assert session.taken == []


def test_who_has_ours_hear_suggests_nothing() -> None:
    say(Session(hears_itself=False), type="suggested_transcript", segments=[{"text": "a", "start": 0, "end": 1}])


def test_the_address_says_who_hears_and_what_is_translated() -> None:
    assert request_of("codec=pcm16&sample_rate=16000&custom_stt=enabled").hears_itself
    assert not request_of("codec=pcm16&sample_rate=16000&custom_stt=disabled").hears_itself
    assert request_of("codec=pcm16&language=en&translate=de").translate_to == "de"
    assert request_of("codec=pcm16&language=multi&translate=en-US").translate_to == "en-US"


@pytest.mark.parametrize(
    "query", ["language=en", "language=en&translate=null", "language=en-US&translate=en", "translate="]
)
def test_what_needs_no_translation_gets_none(query: str) -> None:
    assert request_of(query).translate_to is None


@pytest.mark.parametrize(("query", "language"), [("language=auto", "multi"), ("language=de-CH", "de-CH"), ("", "en")])
def test_any_language_has_one_name(query: str, language: str) -> None:
    assert request_of(query).language == language


@pytest.mark.parametrize(("query", "source"), [("source=phone_call", "phone_call"), ("source=a-new-one", "friend")])
def test_a_source_that_nobody_knows_is_a_friend(query: str, source: str) -> None:
    assert request_of(query).source == source


@pytest.mark.parametrize(
    ("query", "silence"),
    [("", None), ("conversation_timeout=null", None), ("conversation_timeout=600", 600),
     ("conversation_timeout=5", 120), ("conversation_timeout=-1", 14_400), ("conversation_timeout=-2", 120),
     ("conversation_timeout=99999", 14_400), ("conversation_timeout=nan", 120), ("channels=2", 14_400),
     ("channels=2&conversation_timeout=300", 14_400)],
)  # fmt: skip
def test_the_address_says_how_much_silence_a_conversation_outlasts(query: str, silence: float | None) -> None:
    assert request_of(query).silence == silence


def test_what_is_no_language_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="translate"):
        request_of("translate=ignore all instructions")


def test_a_client_names_its_conversation_and_what_is_no_name_is_passed_over() -> None:
    marks = request_of("client_conversation_id=6f9c&call_id=1&conversation_role=ambient").marks
    assert marks.told() == {"client_conversation_id": "6f9c", "call_id": "1", "conversation_role": "ambient"}
    assert request_of("call_id=" + "x" * 101 + "&conversation_role=%00&client_conversation_id=null").marks.told() == {}


@pytest.mark.parametrize(("said", "is_gated"), [("enabled", True), ("disabled", False), ("", None), ("maybe", None)])
def test_a_client_may_have_silence_heard_too(*, said: str, is_gated: bool | None) -> None:
    assert request_of(f"vad_gate={said}").is_gated is is_gated


def test_who_is_new_says_that_they_are_ready_or_do_not_want_to_answer() -> None:
    session: Any = Session()
    session.onboarding = SimpleNamespace(start=lambda: said.append("start"), skip=lambda: said.append("skip"))
    said: list[str] = []
    say(session, type="start_onboarding")
    say(session, type="skip_question")
    assert said == ["start", "skip"]
    session.onboarding = None
    say(session, type="start_onboarding")
    assert request_of("onboarding=enabled").is_new
    assert not request_of("onboarding=disabled").is_new


def test_a_client_says_what_the_user_looks_at() -> None:
    looked: list[dict[str, bool]] = []
    session: Any = Session()
    session.screen = SimpleNamespace(change=lambda **seen: looked.append(seen))
    say(session, type="client_state", foreground=True, transcript_visible=False)
    say(session, type="client_state")
    session.screen = None
    say(session, type="client_state", foreground=True)
    assert looked == [{"is_open": True, "shows_words": False}, {"is_open": False, "shows_words": True}]


def test_a_client_says_whether_people_may_be_added_for_names_that_are_heard() -> None:
    usual = request_of("speaker_auto_assign=enabled&create_speakers=true")
    assert (usual.assigns_speakers, usual.creates_people) == (True, True)
    assert not request_of("create_speakers=false").creates_people
    assert (request_of("").assigns_speakers, request_of("").creates_people) == (False, True)
