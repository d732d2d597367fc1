"""Soniox's protocol over an open session of its SDK."""

import math
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

import msgspec
from msgspec import Struct, structs
from soniox.errors import SonioxRealtimeError
from soniox.realtime.async_stt import AsyncRealtimeSTTSession
from websockets.asyncio.client import ClientConnection

from adapters.outbound.speech_to_text.leg import Leg, LegResult, LegWord
from adapters.outbound.speech_to_text.soniox_refusal import refusal
from adapters.outbound.speech_to_text.soniox_words import FINALIZED, Token, WordAssembly
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, seconds
from domain.recognition import FinalWords, InterimWords
from ports.errors import TemporarilyUnavailable

_PRIMING = bytes(SAMPLE_RATE // 50 * SAMPLE_BYTES)
"""20 ms of silence: a session that never had audio is an error to Soniox, however it is kept alive or ended."""
_WORD_PAUSE = 1.0
"""Seconds behind its last piece after which a word counts as over."""
_SLACK = 0.1
"""Seconds by which stamps may disagree."""


class SonioxConnection:
    """Soniox's protocol over an open session; see `VendorConnection`.

    The SDK sends. What is received is read from it as text and decoded here: the SDK's own events lack the kind of an
    error, and a field it does not expect leaves it as an exception of another library.
    """

    def __init__(self, session: AsyncRealtimeSTTSession, socket: ClientConnection, *, interim: bool) -> None:
        self._session = session
        self._socket = socket
        self._interim = interim
        self._sent = 0
        """Samples, priming included: the vendor's clock."""
        self._ahead = 0.0
        """Seconds of priming silence: on the vendor's clock, not on the leg's."""
        self._asked: deque[float] = deque()
        """Seconds on the vendor's clock at which final words were asked for and have not come yet."""
        self._asked_at = 0
        """Samples sent when final words were asked for last."""
        self._words = WordAssembly()
        self._repeatable: tuple[Token, ...] = ()
        """The final pieces that came last."""
        self._guessed_to = 0.0
        """Seconds up to which there are guesses that are not yet final."""
        self._through = 0.0
        """Seconds that are accounted for."""

    async def send_audio(self, pcm: bytes) -> None:
        """Sends samples."""
        self._sent += len(pcm) // SAMPLE_BYTES
        with _translated():
            await self._session.send_byte_chunk(pcm)

    async def send_keep_alive(self) -> None:
        """Sends a keep-alive; before the first audio a little silence, because Soniox waits for some."""
        await self._prime()
        with _translated():
            await self._session.keep_alive()

    async def send_finalize(self) -> None:
        """Asks for final words, unless nothing was sent since the last time: Soniox bears few such requests."""
        if self._sent == self._asked_at:
            return
        self._asked_at = self._sent
        self._asked.append(seconds(self._sent))
        with _translated():
            await self._session.finalize()

    async def send_end(self) -> None:
        """Asks for the rest."""
        await self._prime()
        with _translated():
            await self._session.finish()

    async def receive(self, leg: Leg) -> AsyncIterator[FinalWords | InterimWords]:
        """Events, until Soniox has said that it is finished."""
        async for message in self._messages():
            for event in self._events(message, leg):
                yield event
            if message.finished:
                return
        raise self._broken_off()

    async def _prime(self) -> None:
        if not self._sent:
            self._ahead = seconds(len(_PRIMING) // SAMPLE_BYTES)
            await self.send_audio(_PRIMING)

    async def _messages(self) -> AsyncIterator["_Message"]:
        while text := await self._received():
            try:
                message = msgspec.json.decode(text, type=_Message)
            except msgspec.DecodeError as error:
                raise TemporarilyUnavailable(f"Soniox sent a message that is not understood: {error}") from error
            if message.error_code is not None or message.error_type:
                raise refusal(message.error_code, kind=message.error_type, detail=message.error_message)
            yield message

    async def _received(self) -> bytes:
        with _translated():
            return await self._session.recv_bytes()

    def _events(self, message: "_Message", leg: Leg) -> Iterator[FinalWords | InterimWords]:
        guessed = [token for token in message.tokens if not token.is_final and not token.is_marker]
        words = self._words.add(self._fresh([token for token in message.tokens if token.is_final]))
        if message.finished or not self._words.goes_on(guessed, heard=message.total, patience=_WORD_PAUSE):
            words += self._words.close()
        through = self._accounted(message, guessed)
        if words or through > self._through:
            self._through = max(self._through, through)
            on_leg = tuple(self._on_leg(word) for word in words)
            yield from leg.final(LegResult(words=on_leg, end=self._through - self._ahead))
        if guessed and self._interim:
            # A guess that lies behind all audio could never be confirmed.
            sent = seconds(leg.sent)
            yield leg.interim(_no_later(self._on_leg(word), than=sent) for word in self._words.guess(guessed))

    def _fresh(self, final: Sequence[Token]) -> Sequence[Token]:
        """Final pieces and markers, without pieces that are said a second time."""
        spoken = tuple(token for token in final if not token.is_marker)
        if spoken and spoken == self._repeatable and spoken[-1].end_ms is not None:
            return [token for token in final if token.is_marker]
        self._repeatable = spoken or self._repeatable
        return final

    def _accounted(self, message: "_Message", guessed: Sequence[Token]) -> float:
        """Seconds on the vendor's clock before which nothing more will come.

        `final_audio_proc_ms` need not reach over silence. That a request to finalize was answered says more: all is
        final up to where it was made. So does the end. Pieces of words that are still to come hold it back.
        """
        through = min(message.final, message.total)
        for token in message.tokens:
            if token.text == FINALIZED and self._asked:
                through = max(through, min(self._asked.popleft(), message.total))
        if message.finished:
            if self._guessed_to > max(through, self._through) + _SLACK:
                raise TemporarilyUnavailable("Soniox finished without final words for what it had guessed")
            through = message.total if math.isfinite(message.total) else through
        self._guessed_to = min(max((token.end for token in guessed), default=0.0), message.total)
        still_to_come = [token.start for token in guessed[:1]]
        if self._words.open_since is not None:
            still_to_come.append(self._words.open_since)
        return min([through, *still_to_come])

    def _on_leg(self, word: LegWord) -> LegWord:
        return structs.replace(word, start=word.start - self._ahead, end=word.end - self._ahead)

    def _broken_off(self) -> TemporarilyUnavailable:
        close = self._socket.protocol.close_rcvd
        if close is None:
            return TemporarilyUnavailable("Soniox's connection broke off")
        said = f": {close.reason}" if close.reason else ""
        return TemporarilyUnavailable(f"Soniox closed the stream ({close.code}) before it had finished{said}")


class _Message(Struct, frozen=True):
    """Whatever Soniox says."""

    tokens: tuple[Token, ...] = ()
    final_audio_proc_ms: float | None = None
    total_audio_proc_ms: float | None = None
    finished: bool = False
    error_code: int | None = None
    error_type: str = ""
    error_message: str = ""

    @property
    def final(self) -> float:
        """Seconds of audio that are final."""
        return (self.final_audio_proc_ms or 0.0) / 1000

    @property
    def total(self) -> float:
        """Seconds of audio that were listened to; endless where it is not said."""
        return math.inf if self.total_audio_proc_ms is None else self.total_audio_proc_ms / 1000


def _no_later(word: LegWord, *, than: float) -> LegWord:
    return structs.replace(word, start=min(word.start, than), end=min(word.end, than))


@contextmanager
def _translated() -> Iterator[None]:
    """The SDK's ways to say that the connection is gone."""
    try:
        yield
    except SonioxRealtimeError as error:
        raise TemporarilyUnavailable(f"Soniox's connection failed: {error}") from error
