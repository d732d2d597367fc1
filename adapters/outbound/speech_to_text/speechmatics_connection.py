"""Speechmatics' protocol over an open socket.

How far Speechmatics is, is told by three things, none of which is enough alone:

- `AudioAdded` confirms that a message was *read*. It says nothing of words; it bounds what is on its way, and it
  proves that a request sent now cannot overtake audio: a server that is behind reads text messages first.
- `AddTranscript` gives words and the stretch they are of. While audio flows the stretches follow each other, in
  silence too, but some 0.3 to 0.7 s behind what was sent. When the audio stops they stop as well: a pause
  never comes to its end this way. Behind silence they may go back a little, for a word that began in it.
- A *forced* `EndOfUtterance`, asked for with the position of the pause and only when all audio before was read,
  comes behind the final words up to that position. It settles everything up to there.

So the watermark is the end of the last final stretch (a little less where it held no words), or the position of the
last pause that was answered. An answer settles no more than the position it names itself, and nothing while there
are guesses that no final words followed. Some servers leave a pause without an answer, for instance where nothing was
said before it. Then silence is sent until the stretches themselves pass the pause: once, so that a dead server stays
behind and shows. No rule goes by time alone, `max_delay` included: it would cover a recognizer that hears nothing.
"""

from collections import deque
from collections.abc import AsyncIterator

import msgspec
from msgspec import structs
from speechmatics.rt import ClientMessageType, ServerMessageType
from websockets.asyncio.client import ClientConnection

from adapters.outbound.speech_to_text import speechmatics_errors as errors
from adapters.outbound.speech_to_text.leg import Leg, LegResult
from adapters.outbound.speech_to_text.speechmatics_audio import SessionAudio
from adapters.outbound.speech_to_text.speechmatics_messages import Message, decoded, words_of
from domain.audio import SAMPLE_BYTES, samples, seconds
from domain.recognition import FinalWords, InterimWords
from ports.errors import TemporarilyUnavailable

_REWIND = 0.08
"""Seconds by which a stretch may begin before the end of a silent one: seen in recorded sessions."""
_NAMED = 0.1
"""Seconds by which an answer may miss the position that was asked about: the engine counts in frames."""
_PAUSES = 8
"""Unanswered pauses that are remembered."""


class SpeechmaticsConnection:
    """A session that has started; see `VendorConnection`."""

    def __init__(self, socket: ClientConnection, *, in_flight: float, silence: float, owner: int | None = None) -> None:
        """Takes over a socket.

        Args:
            socket: one on which recognition has started.
            in_flight: seconds of audio that may be unconfirmed.
            silence: seconds of silence that make the engine report what lies before.
            owner: number of the owner's voice, where the session was told how that sounds.
        """
        self._socket = socket
        self._owner = owner
        self._in_flight = samples(in_flight)
        self._silence = samples(silence)
        self._audio = SessionAudio()
        self._asked_to = 0
        """Position up to which final words were asked for."""
        self._pauses: deque[int] = deque(maxlen=_PAUSES)
        """Positions of pauses that are not passed yet."""
        self._through = 0.0
        """End of the last final stretch, seconds of the session."""
        self._disordered = False
        """Whether the leg still waits for a stretch before the last one."""

    async def send_audio(self, pcm: bytes) -> None:
        """Sends samples; waits while too many are unconfirmed."""
        await self._audio.in_flight_below(self._in_flight)
        self._audio.add(len(pcm) // SAMPLE_BYTES)
        await self._send(pcm)

    async def send_keep_alive(self) -> None:
        """Makes the engine pass a pause that it left without an answer. Pings keep the connection alive."""
        if self._pauses:
            self._pauses.clear()
            self._audio.add_silence(self._silence)
            self._asked_to = self._audio.sent
            await self._send(bytes(self._silence * SAMPLE_BYTES))

    async def send_finalize(self) -> None:
        """Asks for final words up to here, once everything up to here was read."""
        if self._audio.sent == self._asked_to:
            return
        await self._audio.in_flight_below(0)
        self._asked_to = self._audio.sent
        self._pauses.append(self._asked_to)
        force = {"message": ClientMessageType.FORCE_END_OF_UTTERANCE, "timestamp": seconds(self._asked_to)}
        await self._send(msgspec.json.encode(force).decode())

    async def send_end(self) -> None:
        """Asks for the rest. The end is a pause too: its answer tells that silence at the end was heard."""
        await self.send_finalize()
        end = {"message": ClientMessageType.END_OF_STREAM, "last_seq_no": self._audio.messages}
        await self._send(msgspec.json.encode(end).decode())

    async def receive(self, leg: Leg) -> AsyncIterator[FinalWords | InterimWords]:
        """Events, until the end of the transcript was confirmed."""
        async for message in self._messages():
            match message.message:
                case ServerMessageType.AUDIO_ADDED:
                    self._audio.confirm(message.seq_no)
                case ServerMessageType.ERROR:
                    raise errors.reported(message.type, detail=message.reason)
                case ServerMessageType.END_OF_TRANSCRIPT:
                    return
                case _:
                    for event in self._events(message, leg):
                        yield event if isinstance(event, InterimWords) else structs.replace(event, owner=self._owner)
        raise TemporarilyUnavailable("Speechmatics closed the session without the end of the transcript")

    def _events(self, message: Message, leg: Leg) -> tuple[FinalWords | InterimWords, ...]:
        match message.message:
            case ServerMessageType.ADD_TRANSCRIPT:
                return self._final(message, leg)
            case ServerMessageType.ADD_PARTIAL_TRANSCRIPT:
                words = words_of(message.results, at=self._audio.on_leg)
                return (leg.interim(words),) if words else ()
            case ServerMessageType.END_OF_UTTERANCE if message.forced:
                return self._answer(message, leg)
            case _:
                return ()

    def _final(self, message: Message, leg: Leg) -> tuple[FinalWords, ...]:
        words = words_of(message.results, at=self._audio.on_leg)
        start = message.metadata.start_time
        end = start if message.metadata.end_time is None else message.metadata.end_time
        self._through = max(self._through, end)
        reached = end if words else end - _REWIND
        result = LegResult(words=words, start=self._on_leg(start - _REWIND), end=self._on_leg(reached))
        events = leg.final(result)
        self._disordered = not events
        self._pass(reached)
        return events

    def _answer(self, message: Message, leg: Leg) -> tuple[FinalWords, ...]:
        """What the answer to a pause settles."""
        asked = self._pauses[0] if self._pauses else 0
        named = message.metadata.end_time
        reached = seconds(asked) if named is None else named
        answered = [pause for pause in self._pauses if seconds(pause) <= reached + _NAMED]
        if not answered or self._disordered or leg.left_guessing:
            return ()
        settled = LegResult(
            words=(), start=self._on_leg(self._through - _REWIND), end=self._on_leg(seconds(answered[-1]))
        )
        self._pass(seconds(answered[-1]))
        return leg.final(settled)

    def _pass(self, reached: float) -> None:
        while self._pauses and seconds(self._pauses[0]) <= reached:
            self._pauses.popleft()

    def _on_leg(self, time: float) -> float:
        return self._audio.on_leg(max(time, 0.0))

    async def _send(self, message: str | bytes) -> None:
        with errors.translated():
            await self._socket.send(message)

    async def _messages(self) -> AsyncIterator[Message]:
        with errors.translated():
            async for text in self._socket:
                yield decoded(text)
