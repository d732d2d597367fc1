"""Plugins over HTTP: public addresses, signed bodies, short patience."""

import ssl
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Self

import anyio.to_thread
import httpx
import msgspec
from msgspec import Meta, Struct

from adapters.outbound.authenticator.secret_key import secret_key
from adapters.outbound.plugin_gateway.answer import is_set_up, reply_of
from adapters.outbound.plugin_gateway.checked_network import CheckedNetwork, Resolve, SystemResolver
from adapters.outbound.plugin_gateway.destination import Rules, destination
from adapters.outbound.plugin_gateway.exchange import Exchange, Limits, Request
from adapters.outbound.plugin_gateway.payload import memory_payload, transcript_payload
from adapters.outbound.plugin_gateway.signature import signed, signing_secret
from adapters.outbound.secret import Secret
from domain.chat import Message
from domain.ids import PluginId, UserId, new_id
from domain.memory import Memory
from domain.plugin import PluginReply
from domain.transcript import TranscriptSegment
from domain.web_address import with_query
from ports.clock import Clock
from ports.errors import Rejected
from ports.plugin_gateway import PluginCall

JSON = "application/json"
Seconds = Annotated[float, Meta(ge=0.05, le=120)]


class HttpPluginGatewaySettings(Struct, frozen=True, kw_only=True):
    """How plugins are called."""

    allow_http: bool = False
    """Call plugins in clear text, too."""
    ports: str = "443,80,8443"
    """With commas."""
    allowed: str = ""
    """`host:port`, with commas: plugins that may be called wherever they are, in clear text too, as those on this
    machine."""
    connect_timeout: Seconds = 3.0
    """Seconds, for the name and the connection."""
    live_timeout: Seconds = 5.0
    """Seconds for a call while somebody speaks, and for the question whether a plugin is set up."""
    memory_timeout: Seconds = 30.0
    """Seconds for a call with a memory."""
    longest_answer: Annotated[int, Meta(ge=1_024, le=16 * 1024 * 1024)] = 256 * 1024
    """Bytes."""
    certificates: str = ""
    """A file with further authorities whose certificates are trusted."""
    signing_key: Secret = ""
    """What signing secrets are derived from; one is made in `plugins.key` of the data folder where this is empty."""


class HttpPluginGateway:
    """Calls plugins. An address is resolved once, checked, and connected to as it was checked."""

    def __init__(
        self,
        settings: HttpPluginGatewaySettings,
        *,
        data_dir: Path,
        clock: Clock,
        resolve: Resolve | None = None,
    ) -> None:
        self._settings = settings
        self._data_dir = data_dir
        self._clock = clock
        self._resolve = resolve
        self._rules = Rules(
            schemes=("https", "http") if settings.allow_http else ("https",),
            ports=_ports(settings.ports),
            allowed=frozenset(_parts(settings.allowed)),
        )
        self._live = self._limits(settings.live_timeout)
        self._patient = self._limits(settings.memory_timeout)
        self._key: bytes
        self._exchange: Exchange

    async def __aenter__(self) -> Self:
        self._key = await anyio.to_thread.run_sync(self._signing_key)
        network = CheckedNetwork(allowed=self._rules.allowed, resolve=self._resolve or SystemResolver())
        certificates = await anyio.to_thread.run_sync(self._certificates)
        self._exchange = Exchange(network=network, certificates=certificates)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exchange.aclose()

    async def tell_memory(self, call: PluginCall, memory: Memory) -> PluginReply:
        """Posts a memory; see the port."""
        body = await anyio.to_thread.run_sync(_memory_body, memory)  # hours of talk and photos take a while
        return reply_of(await self._post(call, body, query={}, kind=JSON, limits=self._patient))

    async def tell_transcript(
        self, call: PluginCall, segments: Sequence[TranscriptSegment], *, session: str
    ) -> PluginReply:
        """Posts what was said; see the port."""
        body, query = _encoded(transcript_payload(segments, session=session)), {"session_id": session}
        return reply_of(await self._post(call, body, query=query, kind=JSON, limits=self._live))

    async def tell_audio(self, call: PluginCall, pcm: bytes, *, sample_rate: int) -> None:
        """Posts audio; see the port. An answer that is not an error is enough."""
        query = {"sample_rate": str(sample_rate)}
        await self._post(call, pcm, query=query, kind="application/octet-stream", limits=self._live)

    async def tell_day(self, call: PluginCall, summary: Message) -> None:
        """Posts a summary in the form of Omi's own backend; see the port. An answer that is not an error is enough."""
        payload = {"summary": summary.text, "uid": call.user, "created_at": summary.created_at.isoformat()}
        await self._post(call, _encoded(payload), query={}, kind=JSON, limits=self._patient)

    async def is_set_up(self, call: PluginCall) -> bool:
        """Asks with GET; see the port."""
        to = destination(with_query(call.address, {"uid": call.user}), self._rules)
        return is_set_up(await self._exchange.send(Request(method="GET", headers={}), to=to, limits=self._live))

    def signing_secret(self, plugin: PluginId, user: UserId) -> str:
        """What a plugin checks our calls for a user with."""
        return signing_secret(self._key, plugin=plugin, user=user)

    async def _post(self, call: PluginCall, body: bytes, *, query: dict[str, str], kind: str, limits: Limits) -> bytes:
        to = destination(with_query(call.address, query | {"uid": call.user}), self._rules)
        secret = self.signing_secret(call.plugin, call.user)
        moment = int(self._clock.now().timestamp())
        proof = signed(body, secret=secret, id=call.id or new_id(), timestamp=moment)
        request = Request(method="POST", headers={"Content-Type": kind, **proof}, body=body)
        return await self._exchange.send(request, to=to, limits=limits)

    def _limits(self, total: float) -> Limits:
        return Limits(connect=self._settings.connect_timeout, total=total, answer=self._settings.longest_answer)

    def _signing_key(self) -> bytes:
        own = self._settings.signing_key.encode()
        return own or secret_key(self._data_dir / "plugins.key")

    def _certificates(self) -> ssl.SSLContext:
        context = httpx.create_ssl_context()
        if self._settings.certificates:
            try:
                context.load_verify_locations(self._settings.certificates)
            except (OSError, ssl.SSLError) as error:
                raise Rejected("OMI_PLUGIN_GATEWAY__HTTP__CERTIFICATES names no file of certificates") from error
        return context


def _parts(setting: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in setting.split(",") if part.strip())


def _ports(setting: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, _parts(setting)))
    except ValueError as error:
        raise Rejected("OMI_PLUGIN_GATEWAY__HTTP__PORTS is not a list of numbers with commas") from error


def _memory_body(memory: Memory) -> bytes:
    return _encoded(memory_payload(memory))


def _encoded(payload: dict[str, Any]) -> bytes:
    """JSON of a payload.

    Raises:
        Rejected: it holds what JSON cannot, such as half a character.
    """
    try:
        return msgspec.json.encode(payload)
    except (TypeError, ValueError, UnicodeEncodeError) as error:
        raise Rejected("the call cannot be written as JSON") from error
