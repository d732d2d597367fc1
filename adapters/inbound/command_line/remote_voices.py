"""Profile and people through the REST interface of a server."""

from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from adapters.inbound.command_line.remote_memories import RemoteMemories
from adapters.inbound.http.errors import ErrorBody
from adapters.inbound.http.people import WirePerson, WireVoice
from adapters.inbound.http.speech_profile import UploadedProfile
from domain.errors import InvalidRequest, Unauthenticated
from ports.errors import Rejected, TemporarilyUnavailable

PATIENCE = 120.0
"""Seconds. A long profile is listened to for as long as it lasts, on a slow machine."""
PEOPLE = "/v1/users/people"
REQUEST_IS_WRONG = {400, 404, 413, 415, 422}

T = TypeVar("T")


class _Server(RemoteMemories):
    """A server, and who asks."""

    async def _told(self, method: str, path: str, *, returns: type[T], **more: Any) -> T:  # noqa: ANN401 - of httpx
        try:
            answer = await self._client.request(method, path, timeout=PATIENCE, **more)
        except httpx.HTTPError as error:
            raise TemporarilyUnavailable(f"no server answers at {self._where}; start one with: omi serve") from error
        if not answer.is_success:
            raise _refused(answer, self._where)
        try:
            return msgspec.json.decode(answer.content or b"null", type=returns)
        except msgspec.MsgspecError as error:
            raise Rejected(f"{self._where} answers as no Omi server does: {error}") from error


class RemoteProfile(_Server):
    """The profile of whom a token belongs to."""

    async def upload(self, content: bytes, *, name: str) -> UploadedProfile:
        """Makes a profile of a WAV file."""
        files = {"file": (name, content, "audio/wav")}
        return await self._told("POST", "/v3/upload-audio", returns=UploadedProfile, files=files)

    async def voices(self) -> list[WireVoice]:
        """What the voice is known by."""
        return await self._told("GET", f"{PEOPLE}/user/voices", returns=list[WireVoice])

    async def delete(self) -> None:
        """Forgets the voice."""
        await self._told("DELETE", "/v3/speech-profile", returns=object)


class RemotePeople(_Server):
    """The people around whom a token belongs to."""

    async def list(self) -> list[WirePerson]:
        """All of them, by name."""
        return await self._told("GET", PEOPLE, returns=list[WirePerson])

    async def add(self, name: str) -> WirePerson:
        """Somebody new."""
        return await self._told("POST", PEOPLE, returns=WirePerson, json={"name": name})

    async def rename(self, person: str, name: str) -> None:
        """Another name for somebody."""
        await self._told("PATCH", f"{_place(person)}/name", returns=object, params={"value": name})

    async def delete(self, person: str) -> None:
        """Forgets somebody."""
        await self._told("DELETE", _place(person), returns=object)

    async def merge(self, gone: str, *, into: str) -> None:
        """Two are one."""
        await self._told("POST", f"{_place(into)}/merge", returns=object, json={"from": gone})


def _place(person: str) -> str:
    return f"{PEOPLE}/{quote(person, safe='')}"


def _refused(answer: httpx.Response, where: str) -> Exception:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return Unauthenticated(f"{where} does not accept the token; make one with: omi token USER")
    if answer.status_code in REQUEST_IS_WRONG:
        return InvalidRequest(_detail(answer))
    return TemporarilyUnavailable(f"{where} answers with status {answer.status_code}")


def _detail(answer: httpx.Response) -> str:
    try:
        return msgspec.json.decode(answer.content, type=ErrorBody).detail
    except msgspec.MsgspecError:
        return f"refused with status {answer.status_code}"
