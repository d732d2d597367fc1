"""The model crashes where the app would, and says where; and it signs out where the app would."""

import base64
import json
from datetime import timedelta

import pytest

from adapters.outbound.authenticator.fake import FakeAuthenticator
from domain.ids import UserId
from tests.end_to_end.app.conftest import Owner
from tests.end_to_end.app.test_memories import made
from tests.support.omi_app.assembled import Assembled
from tests.support.omi_app.dart import AppCrashed, decoded, written
from tests.support.omi_app.eras import NOW, SEPTEMBER_2024
from tests.support.omi_app.memory_bodies import memory
from tests.support.omi_app.rest import Rest, SignedOut
from tests.support.omi_app.routes import reader
from tests.support.omi_app.screen import Screen
from tests.support.omi_app.streams import streamed

SEGMENT = {"speaker": "SPEAKER_00", "start": 0.0, "end": 1.0, "text": "a", "is_user": False, "person_id": None}


async def test_every_key_that_the_app_cannot_do_without_is_missed(app: Rest) -> None:
    body = await made(app)
    for key in ("id", "created_at", "structured", "photos", "transcript_segments", "status", "discarded"):
        with pytest.raises(AppCrashed, match=rf"GET /v1/memories \[{key}\]"):
            memory(decoded(json.dumps({**body, key: None}), "GET /v1/memories"))


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"start": 0}, r"\[start\]: 0 is not a double"),
        ({"end": None}, r"\[end\]"),
        ({"is_user": 1}, r"\[is_user\]: 1 is not a bool"),
        ({"speaker": "anna"}, "int.parse"),
        ({"id": "one"}, "keys"),
    ],
)
def test_a_segment_that_would_crash_the_app_of_2024_is_told(wrong: dict[str, object], where: str) -> None:
    with pytest.raises(AppCrashed, match=where):
        Screen(SEPTEMBER_2024).read(json.dumps([SEGMENT | wrong]))


@pytest.mark.parametrize("text", ["", "PING", "{", '{"type": null}', '[{"start": NaN}]'])
def test_what_is_no_message_is_told(text: str) -> None:
    with pytest.raises(AppCrashed):
        Screen(NOW).read(text)


def test_a_time_without_a_zone_and_an_unknown_category_are_told() -> None:
    with pytest.raises(AppCrashed, match=r"\[created_at\]"):
        reader("GET /v1/facts")(
            decoded(
                '[{"id":"1","uid":"a","content":"b","category":"work","created_at":"2026-01-01T12:00:00"}]', "facts"
            )
        )
    with pytest.raises(AppCrashed, match="none of hobbies"):
        reader("GET /v1/facts")(decoded('[{"id":"1","uid":"a","content":"b","category":"core"}]', "facts"))


def test_nothing_is_written_as_a_word() -> None:
    assert [written(value) for value in (None, True, 4, "x")] == ["null", "true", "4", "x"]


def test_an_answer_longer_than_a_packet_is_put_together_and_one_without_an_end_is_told() -> None:
    message = {"id": "1", "created_at": "2026-01-01T12:00:00Z", "text": "a" * 2_000, "sender": "ai", "type": "text"}
    packed = base64.b64encode(json.dumps(message | {"memories": []}).encode()).decode()
    shown, whole = streamed(f"think: x\n\ndata: a__CRLF__\n\ndata: b\n\ndone: {packed}\n\n")
    assert (shown, whole["text"]) == ("a\nb", "a" * 2_000)
    for broken in ("data: a\n\n", f"done: {packed[:-3]}\n\n", "hello\n\n"):
        with pytest.raises(AppCrashed):
            streamed(broken)


class Expired:
    """A token that has run out, and what comes after it."""

    def __init__(self, server: Assembled, user: str, *, next_one: str) -> None:
        maker = FakeAuthenticator(clock=server.container.clock())
        self.current = maker.issue(UserId(user), lifetime=timedelta(seconds=-60))
        self._next = next_one

    async def refresh(self) -> None:
        self.current = self._next


async def test_a_token_that_has_run_out_is_refreshed_once(server: Assembled, user: str) -> None:
    rest = server.app_of(user, tokens=Expired(server, user, next_one=f"token-of-{user}"))
    assert await rest.ask("GET /v1/memories") == []
    assert await rest.ask("GET /v1/facts") == []
    assert rest.refreshed == 1


async def test_a_second_401_signs_the_user_out(server: Assembled, user: str) -> None:
    rest = server.app_of(user, tokens=Expired(server, user, next_one="nonsense"))
    with pytest.raises(SignedOut):
        await rest.ask("GET /v1/memories")


async def test_the_present_app_opens_its_socket_with_a_fresh_token(server: Assembled, user: str, owner: Owner) -> None:
    phone = owner.phone(NOW)
    phone._tokens = Expired(server, user, next_one=f"token-of-{user}")
    async with phone.attached():
        await phone.until(lambda: phone.screen.is_listening)
