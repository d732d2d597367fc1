"""A talk of any length to the draft of a memory: in one call where it fits, otherwise part by part."""

from collections.abc import Mapping, Sequence

import anyio
from msgspec import structs

from application.memories.merge_notes import merged
from application.memories.talk_chunks import Talk, chunks_of, tokens_of
from application.tasks.structure_memory import structure_memory
from application.tasks.transcript_chunk import ChunkNotes, join_chunks, note_chunk
from domain.ids import PersonId
from domain.material import NOTHING_KNOWN, Background
from domain.memory import MemoryDraft
from ports.errors import AdapterError, cause
from ports.language_model import Answer, LanguageModel, Tokens

SHARE_OF_CONTEXT = 0.6
"""Of a model's context that a talk may fill: the rest is for instructions, the answer, and a wrong estimate."""
AT_ONCE = 4
"""Parts that are noted down at the same time."""


async def condensed(
    model: LanguageModel,
    segments: Talk,
    *,
    background: Background = NOTHING_KNOWN,
    language: str = "en",
    photo_notes: tuple[str, ...] = (),
    names: Mapping[PersonId, str] | None = None,
) -> Answer[MemoryDraft]:
    """The draft of a memory of a talk.

    A talk that fills more than 60 % of the model's context is noted down in parts, and title and overview are made from
    the notes. If a part cannot be noted down, or the notes not be put together, the talk goes to the model as a whole
    after all: of a ladder, somebody can take it.

    Args:
        model: who does it.
        segments: the whole talk.
        background: what is known already.
        language: of what is written.
        photo_notes: descriptions of photos that were taken meanwhile.
        names: of people whose voices are known.

    Raises:
        Rejected, TemporarilyUnavailable: as the model does; a ladder does not.
    """
    failed: tuple[str, ...] = ()
    if tokens_of(segments) > model.capabilities.context_tokens * SHARE_OF_CONTEXT:
        notes = await _notes_of(model, segments, names or {}, background=background, language=language)
        failed = tuple(name for note in notes for name in note.degraded)
        if not failed:
            answer = await _put_together(model, notes, background=background, language=language)
            if not answer.degraded:
                return answer
            failed = answer.degraded
    voices = _voices(segments, names or {}, background)
    task = structure_memory(segments, background=background, language=language, photo_notes=photo_notes, voices=voices)
    whole = await model.generate(task)
    return structs.replace(whole, degraded=tuple(dict.fromkeys((*whole.degraded, *failed))))


async def _notes_of(
    model: LanguageModel, segments: Talk, names: Mapping[PersonId, str], *, background: Background, language: str
) -> list[Answer[ChunkNotes]]:
    """Notes of all parts, in order; a few are made at a time, and the first failure ends the rest."""
    limiter = anyio.CapacityLimiter(AT_ONCE)
    chunks = chunks_of(segments)
    notes: dict[int, Answer[ChunkNotes]] = {}
    failure: AdapterError | None = None

    async def note(place: int, chunk: Talk) -> None:
        async with limiter:
            voices = _voices(chunk, names, background)
            task = note_chunk(chunk, background=background, language=language, voices=voices)
            notes[place] = await model.generate(task)

    try:
        async with anyio.create_task_group() as tasks:
            for place, chunk in enumerate(chunks):
                tasks.start_soon(note, place, chunk)
    except* AdapterError as group:
        failure = cause(group)
    if failure is not None:
        raise failure
    return [notes[place] for place in range(len(chunks))]


def _voices(segments: Talk, names: Mapping[PersonId, str], background: Background) -> tuple[str, ...]:
    """Who speaks in each segment, by name where there is one."""
    return tuple(
        (background.user_name or "User")
        if segment.is_user
        else (names.get(segment.person_id, "") if segment.person_id else "") or f"Speaker {segment.speaker}"
        for segment in segments
    )


async def _put_together(
    model: LanguageModel, notes: Sequence[Answer[ChunkNotes]], *, background: Background, language: str
) -> Answer[MemoryDraft]:
    values = [note.value for note in notes]
    joined = await model.generate(join_chunks(values, background=background, language=language))
    used = [*(note.tokens for note in notes), joined.tokens]
    return Answer(
        value=merged(joined.value, values),
        model=joined.model,
        tokens=Tokens(read=sum(t.read for t in used), written=sum(t.written for t in used)),
        degraded=joined.degraded,
    )
