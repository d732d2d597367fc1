"""What is said in a session, in another language, beside the live text and never in front of it."""

from collections.abc import Callable

import anyio
from msgspec import Struct, structs

from domain.ids import ConversationId, SegmentId
from domain.session import SegmentsRemoved, SegmentsTranslated, SessionEvent, StatusChanged, TranscriptGrew
from domain.transcript import TranscriptSegment, Translation
from ports.errors import Rejected, TemporarilyUnavailable
from ports.translator import Translator

GATHER_SECONDS = 1.0
"""Segments grow: what is said within this time is translated once."""
RETRY_SECONDS = 5.0
MOST_WAITING = 200
"""Segments that wait for a translator that is slow or away; the oldest ones are given up."""
AT_ONCE = 20
UNAVAILABLE = "translation_unavailable"


class _Waiting(Struct, frozen=True):
    conversation: ConversationId
    origin: int
    segment: TranscriptSegment


class LiveTranslation:
    """Follows the events of one session; its own go to the same client."""

    def __init__(self, translator: Translator, *, language: str, tell: Callable[[SessionEvent], None]) -> None:
        self._translator = translator
        self._language = language
        self._tell = tell
        self._waiting: dict[SegmentId, _Waiting] = {}
        self._told: dict[SegmentId, str] = {}
        """The text of each segment that was translated last."""
        self._news = anyio.Event()
        self._is_refused = False

    def offer(self, event: SessionEvent) -> None:
        """Notices what is to be translated. Never waits, never raises."""
        if self._is_refused:
            return
        if isinstance(event, SegmentsRemoved):
            for name in event.segments:
                self._waiting.pop(name, None)
        elif isinstance(event, TranscriptGrew):
            for segment in event.change.changed:
                self._add(_Waiting(event.conversation, event.origin, segment))
            self._news.set()

    async def run(self) -> None:
        """Translates until cancelled, or until it is clear that nobody does."""
        if not self._translator.supports(self._language):
            await self._refused_once()
            return
        while True:
            await self._news.wait()
            self._news = anyio.Event()
            await anyio.sleep(GATHER_SECONDS)
            try:
                while self._waiting:
                    await self._translate(list(self._waiting.values())[:AT_ONCE])
            except TemporarilyUnavailable:
                await anyio.sleep(RETRY_SECONDS)
                self._news.set()
            except Rejected as error:
                self._refuse(str(error))
                return

    def _add(self, waiting: _Waiting) -> None:
        name = waiting.segment.id
        known = any(translation.language == self._language for translation in waiting.segment.translations)
        if known or self._told.get(name) == waiting.segment.text:
            return
        self._waiting.pop(name, None)
        self._waiting[name] = waiting
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]

    async def _translate(self, batch: list[_Waiting]) -> None:
        texts = await self._translator.translate([one.segment.text for one in batch], language=self._language)
        done: dict[tuple[ConversationId, int], list[TranscriptSegment]] = {}
        for one, text in zip(batch, texts, strict=True):
            name = one.segment.id
            if self._waiting.get(name) is one:
                del self._waiting[name]
            self._told[name] = one.segment.text
            if text and text != one.segment.text:
                shown = structs.replace(one.segment, translations=(Translation(self._language, text),))
                done.setdefault((one.conversation, one.origin), []).append(shown)
        for (conversation, origin), segments in done.items():
            self._tell(SegmentsTranslated(conversation, origin, self._language, tuple(segments)))

    async def _refused_once(self) -> None:
        try:
            await self._translator.translate((), language=self._language)
        except (Rejected, TemporarilyUnavailable) as error:
            self._refuse(str(error))
        else:
            self._refuse(f"nobody translates into {self._language}")

    def _refuse(self, reason: str) -> None:
        self._is_refused = True
        self._waiting.clear()
        self._tell(StatusChanged(UNAVAILABLE, reason))
