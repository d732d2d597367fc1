"""From packets to the recognizer: decode, account, gate. One object for each connection of a client."""

from collections import deque
from collections.abc import Callable

import anyio
from msgspec import Struct

from application.listening.conversation_records import NO_AUDIO, Connected, GateMoved, Skipped
from application.listening.live_conversation import LiveConversation
from application.listening.outbox import END, PAUSE, Outbox, Pause, straight_to
from application.listening.voice_track import VoiceTrack
from domain.arrival import ArrivalClock
from domain.audio import SAMPLE_BYTES, SAMPLE_RATE, AudioFormat, AudioFrame, Codec
from domain.client_stream import PlacedPacket
from domain.speech_gate import GateDecision, GateSettings, SpeechGate
from ports.audio_decoder import AudioDecoderStream
from ports.errors import TemporarilyUnavailable
from ports.speech_to_text import TranscriptionStream
from ports.voice_activity_detector import VoiceActivityStream

DETECTOR_RETRY_SECONDS = 5.0

_HELD = AudioFormat(codec=Codec.PCM16, sample_rate=SAMPLE_RATE)


class _Anchor(Struct, frozen=True, gc=False):
    """From this window on, the detector's windows lie here in the capture."""

    window: int
    position: int


class StreamTranscription:
    """The way of one connection's audio, up to the recognizer. What comes back is not its business.

    `accept` is the hot path: it never waits, and nothing a client sends makes it raise. The two tasks `judge`
    and `send` do the rest; they end after `finish`.
    """

    def __init__(
        self,
        conversation: LiveConversation,
        *,
        decoder: AudioDecoderStream,
        detector: VoiceActivityStream,
        window: int,
        gate: GateSettings,
        monotonic: Callable[[], float],
        position: int,
    ) -> None:
        self.conversation = conversation
        """Where audio is accounted. Changed at a moment of silence when the next conversation begins."""
        self.track: VoiceTrack | None = None
        """Where what passes the gate is kept for a while, for whoever tells voices apart."""
        self.overhear: Callable[[bytes], None] | None = None
        """Is given all captured audio; never waits, never raises."""
        self.packets = 0
        """Packets that were taken."""
        self.began = position
        """Position of the first sample of this connection."""
        self._decoder = decoder
        self._detector = detector
        self._window = window
        self._gate = SpeechGate(gate, rate=SAMPLE_RATE, position=position)
        self._monotonic = monotonic
        self._arrival = ArrivalClock(now=monotonic(), position=position)
        self._outbox = Outbox()
        self._held: deque[AudioFrame] = deque()
        self._end = position
        self._anchors = deque([_Anchor(0, position)])
        self._pushed = 0
        self._judged = 0
        self._finished = anyio.Event()

    @property
    def end(self) -> int:
        """Position behind the captured audio."""
        return self._end

    @property
    def undecided(self) -> int:
        """Position before which every sample has been let through or settled as silence."""
        return self._held[0].start if self._held else self._end

    @property
    def is_speaking(self) -> bool:
        """Whether the gate is open."""
        return self._gate.is_open

    @property
    def is_holding(self) -> bool:
        """Whether audio is held in front of the closed gate."""
        return bool(self._held)

    @property
    def judged(self) -> int:
        """Position before which the detector has said whether somebody speaks; a window more is as good as said."""
        return self._position_of(self._judged) + self._window

    @property
    def backlog(self) -> int:
        """Samples that were captured and have not reached the recognizer."""
        return self._outbox.backlog + self._end - self.undecided

    @property
    def corrupt_packets(self) -> int:
        """Packets that could not be decoded."""
        return self._decoder.corrupt_packets

    @property
    def concealed(self) -> int:
        """Samples reconstructed in place of such packets."""
        return self._decoder.concealed

    def accept(self, packet: bytes) -> None:
        """Takes a packet: into the journal, then on its way."""
        self.packets += 1
        self.conversation.record(packet)
        pcm = self._decoder.decode(packet)
        if not pcm:
            return
        skip, pcm = self._arrival.admit(pcm, now=self._monotonic(), position=self._end)
        if skip:
            self._skip(skip, NO_AUDIO)
        if pcm:
            self.capture(pcm)

    def place(self, packet: bytes, *, position: int, tolerance: int, written: PlacedPacket | None = None) -> int | None:
        """Takes a packet whose client says where it lies: when it arrives tells nothing of that.

        Args:
            packet: as it came.
            position: of its first sample in the capture.
            written: what is written down besides, where samples do not tell what was taken.
            tolerance: samples by which it may lie further on and still follow what was taken before.

        Returns:
            Samples without audio in front of it; None where it could not be stored, and was not taken.
        """
        skip = position - self._end
        if skip >= max(tolerance, 1):
            self._skip(skip, NO_AUDIO)
        else:
            skip = 0
        live = self.conversation
        if written is None:
            live.record(packet)
        else:
            live.record_placed(packet, position=written.position)
        if live.storage_failure is not None:
            return None
        if written is not None:
            live.placed = written.reach
        self.packets += 1
        pcm = self._decoder.decode(packet)
        if pcm:
            self.capture(pcm)
        return skip

    def capture(self, pcm: bytes) -> None:
        """Takes decoded audio that follows what was taken before."""
        start, size = self._end, len(pcm)
        self._end = end = start + size // SAMPLE_BYTES
        ledger = self.conversation.ledger
        ledger.capture(end)
        self._detector.push(pcm)
        self._pushed += size
        if self._gate.is_open:
            ledger.send(start, end)
            self._let_through(AudioFrame(start, pcm))
        else:
            self._held.append(AudioFrame(start, pcm))
        if self.overhear is not None:
            self.overhear(pcm)

    async def judge(self) -> None:
        """Opens and closes the gate as the detector says, until the audio has ended."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._judge_forever)
            await self._finished.wait()
            tasks.cancel_scope.cancel()
        for probability in await self._last_judgments():
            self._decide(probability)
        self._settle_rest()

    async def send(self, recognizer: TranscriptionStream) -> None:
        """Hands the recognizer what passes the gate, until the audio has ended.

        Raises:
            AdapterError: the recognizer is gone.
        """
        with self._outbox.opened(straight_to(recognizer)):
            while True:
                item = await self._outbox.take()
                if isinstance(item, AudioFrame):
                    await recognizer.send(item)
                elif isinstance(item, Pause):
                    await recognizer.finalize()
                else:
                    await recognizer.send_eof()
                    return

    def hand_over(self, following: LiveConversation, *, audio: AudioFormat) -> None:
        """Accounts to the next conversation from `undecided` on. Only while nobody speaks and nothing is late.

        What is still held came in before: its samples open the next journal, in front of the packets to come.
        """
        self.conversation.ledger.cut(self.undecided)
        if self._held:
            following.note(Connected(audio=_HELD, position=self.undecided, silence=following.silence))
            following.record(b"".join(frame.pcm for frame in self._held))
        following.carry(self.conversation.stream, placed=self.conversation.placed)
        following.note(
            Connected(
                audio=audio,
                position=self._end,
                goes_on=True,
                stream=following.stream,
                reach=following.placed,
                silence=following.silence,
            )
        )
        following.ledger.capture(self._end)
        self.conversation = following

    def settle_late(self) -> bool:
        """Whether nothing is held back that came after a hiatus, and is in the journal already."""
        skip, pcm = self._arrival.settle(now=self._monotonic(), position=self._end)
        if skip:
            self._skip(skip, NO_AUDIO)
        if pcm:
            self.capture(pcm)
        return not self._arrival.is_holding

    def pause(self) -> None:
        """What was said so far is to be heard now, also in the middle of speech. Speech that goes on opens anew."""
        if self._gate.is_open:
            self._close()

    def open_gate(self) -> None:
        """The audio that follows goes on in the middle of speech."""
        self._gate.force_open()

    def finish(self) -> None:
        """The client sends nothing more; what is on its way still arrives. Harmless when called twice."""
        if self._finished.is_set():
            return
        for rest in (self._arrival.release(), self._decoder.flush()):
            if rest:
                self.capture(rest)
        self._finished.set()

    async def _judge_forever(self) -> None:
        while True:
            try:
                for probability in await self._detector.judge():
                    self._decide(probability)
            except TemporarilyUnavailable:
                self._open_blindly()
                await anyio.sleep(DETECTOR_RETRY_SECONDS)

    async def _last_judgments(self) -> tuple[float, ...]:
        try:
            return await self._detector.flush()
        except TemporarilyUnavailable:
            self._open_blindly()
            return ()

    def _decide(self, probability: float) -> None:
        start = self._position_of(self._judged)
        self._judged += 1
        end = min(self._position_of(self._judged), self._end)
        decision = self._gate.update(probability, start=min(start, end), end=end)
        if decision is GateDecision.CLOSED:
            self._close()
        elif decision is GateDecision.PAUSED:
            self._outbox.mark(PAUSE)
        elif decision is GateDecision.OPENED:
            self._settle(self._gate.settled)
            self._open()
        elif not self._gate.is_open:
            self._settle(self._gate.settled)

    def _position_of(self, window: int) -> int:
        while len(self._anchors) > 1 and self._anchors[1].window <= window:
            self._anchors.popleft()
        anchor = self._anchors[0]
        return anchor.position + (window - anchor.window) * self._window

    def _open(self) -> None:
        """Lets through what was held."""
        self.conversation.note(GateMoved(position=self.undecided, is_open=True))
        self.conversation.ledger.send(self.undecided, self._end)
        while self._held:
            self._let_through(self._held.popleft())

    def _let_through(self, frame: AudioFrame) -> None:
        self._outbox.put(frame)
        if self.track is not None:
            self.track.append(frame)

    def _settle(self, position: int) -> None:
        """Held audio before a position was silence."""
        start = end = self.undecided
        while self._held and end < position:
            frame = self._held.popleft()
            end = min(frame.end, position)
            if end < frame.end:
                self._held.appendleft(frame.since(end))
        self.conversation.ledger.gate(start, end)

    def _close(self) -> None:
        self._gate.close(at=self._end)
        self.conversation.note(GateMoved(position=self._end, is_open=False))
        self._outbox.mark(PAUSE)

    def _open_blindly(self) -> None:
        """Without a detector everything is heard: silence costs money, a lost word is lost."""
        if not self._gate.is_open:
            self._gate.force_open()
            self._open()

    def jump(self, position: int) -> None:
        """The audio that follows lies behind a position; what was said before has ended."""
        if self._gate.is_open:
            self._close()
        self._settle(self._end)
        filler = -self._pushed % (self._window * SAMPLE_BYTES)
        if filler:
            self._detector.push(bytes(filler))
            self._pushed += filler
        self._end = position
        self._anchors.append(_Anchor(self._pushed // (self._window * SAMPLE_BYTES), position))

    def _skip(self, count: int, reason: str) -> None:
        self.conversation.note(Skipped(position=self._end, samples=count, reason=reason))
        self.jump(self._end + count)
        self.conversation.ledger.skip(self._end, reason)

    def _settle_rest(self) -> None:
        """The audio has ended: what is still held was silence, and the recognizer is told the end."""
        if self._gate.is_open:
            self._close()
        self._settle(self._end)
        self._outbox.mark(END)
