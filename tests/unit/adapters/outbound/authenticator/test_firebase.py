"""What only tokens of Firebase bring with them."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import anyio
import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from adapters.outbound.authenticator.firebase import FirebaseAuthenticator, FirebaseAuthenticatorSettings
from adapters.outbound.clock.manual import ManualClock
from domain.errors import Unauthenticated
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable
from tests.support.google_keys import PROJECT, GoogleKeys, certificate, claims, google_keys, private_key, signed

ADMIN_KEY = "correct horse battery staple"
DAY = 86_400.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def google() -> AsyncIterator[GoogleKeys]:
    async with google_keys() as server:
        yield server


@pytest.fixture
async def authenticator(google: GoogleKeys, clock: ManualClock) -> AsyncIterator[FirebaseAuthenticator]:
    settings = FirebaseAuthenticatorSettings(
        project=PROJECT, certificates_url=google.url, timeout=0.3, admin_key=ADMIN_KEY
    )
    async with FirebaseAuthenticator(settings=settings, clock=clock) as ready:
        yield ready


async def is_refused(authenticator: FirebaseAuthenticator, token: str) -> bool:
    try:
        await authenticator.authenticate(token)
    except Unauthenticated:
        return True
    return False


def by_hand(header: dict[str, Any], content: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(content).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "another"},
    "an audience among others": {"aud": [PROJECT, "another"]},
    "another issuer": {"iss": "https://securetoken.google.com/another"},
    "no issuer": {"iss": None},
    "nobody": {"sub": ""},
    "no text": {"sub": 7},
    "too long a name": {"sub": "x" * 129},
    "expired": {"exp": 1_000_000_000},
    "no end": {"exp": None},
    "an end that is none": {"exp": "tomorrow"},
    "an end beyond time": {"exp": 1e300},
    "issued tomorrow": {"iat": 1_900_000_000},
    "signed in tomorrow": {"auth_time": 1_900_000_000},
    "issued at no time": {"iat": True},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
async def test_a_token_that_says_something_wrong_is_refused(
    authenticator: FirebaseAuthenticator, clock: ManualClock, wrong: dict[str, Any]
) -> None:
    assert not await is_refused(authenticator, signed(claims("ann", now=clock.now())))
    said = {name: value for name, value in claims("ann", now=clock.now(), **wrong).items() if value is not None}
    assert await is_refused(authenticator, signed(said))


async def test_only_googles_signature_counts(authenticator: FirebaseAuthenticator, clock: ManualClock) -> None:
    said = claims("ann", now=clock.now())
    genuine = signed(said)
    public = private_key("first").public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    shared = jwt.utils.base64url_encode
    head = {"alg": "HS256", "typ": "JWT", "kid": "first"}
    signing_input = by_hand(head, said).rpartition(".")[0]
    forged = jwt.get_algorithm_by_name("HS256").sign(signing_input.encode(), pem)
    tokens = {
        "no algorithm": by_hand({"alg": "none", "kid": "first"}, said),
        "no algorithm, old signature": by_hand({"alg": "None", "kid": "first"}, said, b"x"),
        "the public key as a password": f"{signing_input}.{shared(forged).decode()}",
        "the certificate as a password": jwt.encode(said, "x" * 40, "HS256", headers={"kid": "first"}),
        "somebody else's key": signed(said, key="mallory", kid="first"),
        "another key of Google's": signed(said, key="second", kid="first"),
        "no name of a key": jwt.encode(said, private_key("first"), "RS256"),
        "an empty name": signed(said, kid=""),
        "other claims": ".".join((genuine.split(".")[0], signed(claims("bob", now=clock.now())).split(".")[1], "x")),
        "a critical extension": signed(said, crit=["b64"], b64=False),
        "the signature of another token": genuine.rpartition(".")[0] + "." + signed(said | {"sub": "b"}).split(".")[2],
        "a longer algorithm": jwt.encode(said, private_key("first"), "RS512", headers={"kid": "first"}),
    }
    assert {name: await is_refused(authenticator, token) for name, token in tokens.items()} == dict.fromkeys(
        tokens, True
    )


@pytest.mark.parametrize("name", [7, None, ["first"], {"first": 1}, True])
async def test_a_key_whose_name_is_no_text_is_refused_unasked(
    authenticator: FirebaseAuthenticator, google: GoogleKeys, clock: ManualClock, name: object
) -> None:
    token = by_hand({"alg": "RS256", "kid": name}, claims("ann", now=clock.now()), b"x" * 256)
    assert await is_refused(authenticator, token)
    assert google.fetches == 0


async def test_a_huge_token_is_refused_unread(authenticator: FirebaseAuthenticator, google: GoogleKeys) -> None:
    assert await is_refused(authenticator, "x" * 10_000_000)
    assert await is_refused(authenticator, by_hand({"alg": "RS256", "kid": "y" * 9_000}, {}, b"x"))
    assert google.fetches == 0


async def test_keys_are_fetched_once_while_they_are_fresh(
    authenticator: FirebaseAuthenticator, google: GoogleKeys, clock: ManualClock
) -> None:
    async with anyio.create_task_group() as tasks:
        for key in ("first", "second") * 20:
            tasks.start_soon(authenticator.authenticate, signed(claims("ann", now=clock.now()), key=key))
    assert google.fetches == 1
    await clock.advance(21_000)
    await authenticator.authenticate(signed(claims("ann", now=clock.now())))
    assert google.fetches == 1
    await clock.advance(1_000)
    await authenticator.authenticate(signed(claims("ann", now=clock.now())))
    assert google.fetches == 2


async def test_a_flood_of_unknown_keys_is_no_flood_of_fetches(
    authenticator: FirebaseAuthenticator, google: GoogleKeys, clock: ManualClock
) -> None:
    said = claims("ann", now=clock.now())
    await authenticator.authenticate(signed(said))
    async with anyio.create_task_group() as tasks:
        for number in range(200):
            tasks.start_soon(is_refused, authenticator, by_hand({"alg": "RS256", "kid": f"{number}"}, said, b"x" * 256))
    assert google.fetches == 1
    await clock.advance(61)
    for number in range(200):
        assert await is_refused(authenticator, by_hand({"alg": "RS256", "kid": f"{number}"}, said, b"x" * 256))
    assert google.fetches == 2


async def test_a_new_key_of_googles_is_found(
    authenticator: FirebaseAuthenticator, google: GoogleKeys, clock: ManualClock
) -> None:
    await authenticator.authenticate(signed(claims("ann", now=clock.now())))
    google.content = {name: certificate(name) for name in ("second", "third")}
    await clock.advance(61)
    assert not await is_refused(authenticator, signed(claims("ann", now=clock.now()), key="third"))
    assert await is_refused(authenticator, signed(claims("ann", now=clock.now()), key="first"))


@pytest.mark.parametrize("answer", [(503, {}), (200, "nonsense"), (200, {"first": "no certificate"}), (200, {})])
async def test_old_keys_serve_while_google_is_down_but_not_for_ever(
    authenticator: FirebaseAuthenticator, google: GoogleKeys, clock: ManualClock, answer: tuple[int, object]
) -> None:
    await authenticator.authenticate(signed(claims("ann", now=clock.now())))
    google.headers = {}
    google.status, google.content = answer
    await clock.advance(DAY)
    assert not await is_refused(authenticator, signed(claims("ann", now=clock.now())))
    asked = google.fetches
    for _ in range(50):
        assert not await is_refused(authenticator, signed(claims("ann", now=clock.now())))
    assert google.fetches == asked
    await clock.advance(DAY)
    with pytest.raises(TemporarilyUnavailable):
        await authenticator.authenticate(signed(claims("ann", now=clock.now())))


async def test_without_keys_nobody_is_judged_until_google_is_back(
    authenticator: FirebaseAuthenticator, google: GoogleKeys, clock: ManualClock
) -> None:
    google.status = 500
    token = signed(claims("ann", now=clock.now()))
    for _ in range(50):
        with pytest.raises(TemporarilyUnavailable):
            await authenticator.authenticate(token)
    assert google.fetches == 1
    assert (await authenticator.diagnose()).condition is Condition.BROKEN
    google.status = 200
    await clock.advance(6)
    assert (await authenticator.authenticate(token)).user == "ann"
    assert (await authenticator.diagnose()).condition is Condition.WORKING


async def test_who_has_a_key_that_is_merely_old_does_not_wait_for_google_twice(
    authenticator: FirebaseAuthenticator, google: GoogleKeys, clock: ManualClock
) -> None:
    await authenticator.authenticate(signed(claims("ann", now=clock.now())))
    await clock.advance(22_000)
    google.answering = anyio.Event()
    token = signed(claims("ann", now=clock.now()))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(authenticator.authenticate, token)
        while google.fetches < 2:
            await anyio.sleep(0.001)
        with anyio.fail_after(0.1):
            await authenticator.authenticate(token)
        google.answering.set()


async def test_the_admin_key_acts_as_whoever_stands_behind_it(
    authenticator: FirebaseAuthenticator, google: GoogleKeys
) -> None:
    assert (await authenticator.authenticate(f"{ADMIN_KEY}ann")).user == "ann"
    assert google.fetches == 0


@pytest.mark.parametrize(
    "token",
    [ADMIN_KEY, f"x{ADMIN_KEY}ann", f" {ADMIN_KEY}ann", ADMIN_KEY[:-1] + "ann", ADMIN_KEY.upper() + "ann",
     ADMIN_KEY + "\ud800", ADMIN_KEY + "x" * 1001, "ann", "\ud800" * 40],
    ids=range(9),
)  # fmt: skip
async def test_anything_but_the_whole_admin_key_at_the_start_is_refused(
    authenticator: FirebaseAuthenticator, token: str
) -> None:
    assert await is_refused(authenticator, token)


async def test_without_an_admin_key_nobody_acts_as_others(google: GoogleKeys, clock: ManualClock) -> None:
    settings = FirebaseAuthenticatorSettings(project=PROJECT, certificates_url=google.url)
    async with FirebaseAuthenticator(settings=settings, clock=clock) as authenticator:
        assert await is_refused(authenticator, "ann")
        assert await is_refused(authenticator, "")


@pytest.mark.parametrize(
    "settings",
    [
        FirebaseAuthenticatorSettings(),
        FirebaseAuthenticatorSettings(project=PROJECT, admin_key="short"),
        FirebaseAuthenticatorSettings(project=PROJECT, service_account="/no/such/file"),
        FirebaseAuthenticatorSettings(project=PROJECT, service_account='{"private_key": "secret"}'),
    ],
)
async def test_settings_that_cannot_work_stop_the_start(settings: FirebaseAuthenticatorSettings) -> None:
    with pytest.raises(Rejected) as caught:
        await FirebaseAuthenticator(settings=settings, clock=ManualClock()).__aenter__()
    assert "secret" not in str(caught.value)
    assert "short" not in str(caught.value)


async def test_a_token_ends_when_it_says(authenticator: FirebaseAuthenticator, clock: ManualClock) -> None:
    token = signed(claims("ann", now=clock.now(), lifetime=timedelta(minutes=5)))
    found = await authenticator.authenticate(token)
    assert found.expires_at == clock.now() + timedelta(minutes=5)
    await clock.advance(320)
    assert await is_refused(authenticator, token)
