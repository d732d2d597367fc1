"""What segments say in other languages, beside the transcript: segments grow, part and join all the while."""

from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from domain.transcript import TranscriptSegment, Translation


class Translated(Struct, frozen=True, kw_only=True):
    """What was said was translated, as it stood then."""

    text: str
    translation: Translation


class Translations:
    """What is known of one conversation. A segment has a translation while it says exactly what was translated."""

    def __init__(self, known: Iterable[Translated] = ()) -> None:
        self._known: dict[str, dict[str, Translation]] = {}
        for translated in known:
            self.add(translated)

    def __bool__(self) -> bool:
        return bool(self._known)

    def add(self, translated: Translated) -> None:
        """Learns of one; a later one in the same language counts."""
        self._known.setdefault(translated.text, {})[translated.translation.language] = translated.translation

    def on(self, segments: Iterable[TranscriptSegment]) -> tuple[TranscriptSegment, ...]:
        """The segments with their translations."""
        return tuple(self._shown(segments))

    def _shown(self, segments: Iterable[TranscriptSegment]) -> Iterator[TranscriptSegment]:
        for segment in segments:
            known = self._known.get(segment.text)
            yield segment if known is None else structs.replace(segment, translations=tuple(known.values()))


def translated(segments: Iterable[TranscriptSegment]) -> Iterator[Translated]:
    """What the translations of segments tell."""
    for segment in segments:
        for translation in segment.translations:
            yield Translated(text=segment.text, translation=translation)
