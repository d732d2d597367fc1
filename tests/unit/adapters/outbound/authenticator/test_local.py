import base64
import json
import multiprocessing
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.authenticator.local import LocalAuthenticator
from adapters.outbound.authenticator.secret_key import secret_key
from adapters.outbound.clock.manual import ManualClock
from domain.errors import Unauthenticated
from domain.ids import UserId
from ports.diagnosis import Condition
from ports.errors import Rejected, TemporarilyUnavailable

ANN = UserId("ann")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def authenticator(tmp_path: Path, clock: ManualClock) -> AsyncIterator[LocalAuthenticator]:
    async with LocalAuthenticator(data_dir=tmp_path, clock=clock) as ready:
        yield ready


def signed(folder: Path, *, headers: dict[str, Any] | None = None, **claims: object) -> str:
    """A token with the right key, a good user and audience, and what else is said; None leaves a claim out."""
    said = {key: value for key, value in {"sub": "ann", "aud": "omi", **claims}.items() if value is not None}
    return jwt.encode(said, secret_key(folder / "secret.key"), algorithm="HS256", headers=headers)


def by_hand(header: object, payload: object, signature: bytes = b"") -> str:
    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    return ".".join((part(json.dumps(header).encode()), part(json.dumps(payload).encode()), part(signature)))


async def assert_refused(authenticator: LocalAuthenticator, token: str) -> None:
    with pytest.raises(Unauthenticated, match=r"^the token is missing, wrong or expired$"):
        await authenticator.authenticate(token)


async def test_a_token_signed_by_the_standard_is_accepted(authenticator: LocalAuthenticator, tmp_path: Path) -> None:
    assert (await authenticator.authenticate(signed(tmp_path))).user == "ann"
    assert (await authenticator.authenticate(signed(tmp_path, aud=["other", "omi"]))).user == "ann"


HOSTILE: dict[str, dict[str, Any]] = {
    "no user": {"sub": None},
    "an empty user": {"sub": ""},
    "a user that is too long": {"sub": "x" * 1001},
    "half a character": {"sub": "\ud800"},
    "no audience": {"aud": None},
    "another audience": {"aud": "other"},
    "an audience that is no text": {"aud": {"omi": 1}},
    "the end of time": {"exp": 10**30},
    "an end that is infinite": {"exp": float("inf")},
    "an end that is no number": {"exp": float("nan")},
    "an end that is text": {"exp": "tomorrow"},
    "an end that is true": {"exp": True},
    "an end before time": {"exp": -1},
    "a start to come": {"nbf": 4_000_000_000},
    "a start that is text": {"nbf": "x"},
    "unknown critical headers": {"headers": {"crit": ["x"], "x": 1}},
}


@pytest.mark.parametrize("token", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_claims_are_refused_though_well_signed(
    authenticator: LocalAuthenticator, tmp_path: Path, token: dict[str, Any]
) -> None:
    await assert_refused(authenticator, signed(tmp_path, **token))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_another_algorithm_is_not_ours_even_with_the_right_key(
    authenticator: LocalAuthenticator, tmp_path: Path, algorithm: str
) -> None:
    key = secret_key(tmp_path / "secret.key")
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = jwt.encode({"sub": "ann", "aud": "omi"}, key, algorithm=algorithm)
    await assert_refused(authenticator, token)


async def test_an_unsigned_token_is_refused(authenticator: LocalAuthenticator) -> None:
    claims = {"sub": "ann", "aud": "omi"}
    await assert_refused(authenticator, jwt.encode(claims, None, algorithm="none"))
    for name in ("none", "None", "NONE", "", None, 1, [], {"alg": "HS256"}):
        await assert_refused(authenticator, by_hand({"alg": name, "typ": "JWT"}, claims))
    await assert_refused(authenticator, by_hand({}, claims))


async def test_a_token_signed_with_another_key_is_refused(authenticator: LocalAuthenticator) -> None:
    for key in (bytes(32), b"x" * 32):
        await assert_refused(authenticator, jwt.encode({"sub": "ann", "aud": "omi"}, key, algorithm="HS256"))


@pytest.mark.parametrize("deep", ["[" * 4000, '{"a":' * 1200, "[" * 2000 + "]" * 2000])
async def test_a_header_that_is_nested_too_deep_is_refused(authenticator: LocalAuthenticator, deep: str) -> None:
    header = base64.urlsafe_b64encode(deep.encode()).decode().rstrip("=")
    await assert_refused(authenticator, f"{header}.e30.e30")


@given(
    st.text(st.sampled_from("abcXYZ019-_=.{}\"' ü\ud800\0"), max_size=60)
    | st.builds(
        by_hand,
        st.dictionaries(st.sampled_from(["alg", "typ", "b64", "crit", "kid"]), st.sampled_from(["HS256", 1, [], None])),
        st.none() | st.integers() | st.text(max_size=5) | st.dictionaries(st.text(max_size=3), st.integers()),
        st.binary(max_size=40),
    )
)
async def test_nothing_invented_is_accepted_and_nothing_else_is_raised(token: str) -> None:
    authenticator = LocalAuthenticator(data_dir=Path(), clock=ManualClock())
    authenticator._key = b"k" * 32
    await assert_refused(authenticator, token)


async def test_every_changed_character_spoils_a_token(authenticator: LocalAuthenticator) -> None:
    token = authenticator.issue(ANN)
    for at in range(len(token) - 1):  # the last one holds bits that mean nothing
        changed = "A" if token[at] != "A" else "B"
        await assert_refused(authenticator, token[:at] + changed + token[at + 1 :])


async def test_the_clocks_of_issuer_and_judge_may_differ_a_little(
    authenticator: LocalAuthenticator, clock: ManualClock
) -> None:
    token = authenticator.issue(ANN, lifetime=timedelta(seconds=60))
    await clock.advance(69)
    await authenticator.authenticate(token)
    await clock.advance(1)
    await assert_refused(authenticator, token)


async def test_tokens_hold_after_a_restart_and_not_on_another_installation(
    authenticator: LocalAuthenticator, tmp_path: Path, clock: ManualClock
) -> None:
    token = authenticator.issue(ANN)
    async with LocalAuthenticator(data_dir=tmp_path, clock=clock) as again:
        assert (await again.authenticate(token)).user == ANN
    async with LocalAuthenticator(data_dir=tmp_path / "other", clock=clock) as other:
        await assert_refused(other, token)


async def test_a_command_can_issue_tokens_without_opening_anything(tmp_path: Path, clock: ManualClock) -> None:
    token = LocalAuthenticator(data_dir=tmp_path, clock=clock).issue(ANN)
    async with LocalAuthenticator(data_dir=tmp_path, clock=clock) as authenticator:
        assert (await authenticator.authenticate(token)).user == ANN


@pytest.mark.parametrize("user", ["", "x" * 1001, "\ud800"])
def test_no_token_is_issued_for_who_could_not_use_it(tmp_path: Path, clock: ManualClock, user: str) -> None:
    with pytest.raises(ValueError, match="1 to 1,000"):
        LocalAuthenticator(data_dir=tmp_path, clock=clock).issue(UserId(user))


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret.key"
    key = secret_key(path)
    assert len(key) == 32
    assert secret_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_processes_that_come_first_at_once_get_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(secret_key, [path] * 16, chunksize=1)
    assert set(keys) == {path.read_bytes()}
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


def test_a_key_file_with_something_else_in_it_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(b"")
    with pytest.raises(Rejected, match="0 bytes"):
        secret_key(path)


def test_a_key_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TemporarilyUnavailable):
        secret_key(tmp_path / "file" / "secret.key")


async def test_the_diagnosis_warns_of_a_key_that_others_can_read(
    authenticator: LocalAuthenticator, tmp_path: Path
) -> None:
    path = tmp_path / "secret.key"
    assert (await authenticator.diagnose()).condition is Condition.WORKING
    path.chmod(0o644)
    found = await authenticator.diagnose()
    assert (found.condition, found.remedy) == (Condition.DEGRADED, f"chmod 600 {path}")
    path.write_bytes(b"x")
    assert (await authenticator.diagnose()).condition is Condition.BROKEN
