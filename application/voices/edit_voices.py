"""What may happen to the documents of voices: pure, so that it can be done again."""

from collections.abc import Callable, Iterable

from msgspec import structs

from application.voices.voice_documents import Documents, Evidence, StoredExemplar, VoiceDocument
from domain.exemplar_choice import most_redundant
from domain.ids import PersonId
from domain.speaker import MOST_EXEMPLARS, VoiceExemplar

Picks = Callable[[StoredExemplar | VoiceExemplar], bool]
Edit = Callable[[Documents], Documents]


def added(person: PersonId, exemplars: Iterable[StoredExemplar]) -> Edit:
    """Somebody is known by more. Of too many, those go that tell least."""

    def edit(documents: Documents) -> Documents:
        document = documents.get(person, VoiceDocument())
        by_place = {(one.audio or one.source, one.start): one for one in (*document.exemplars, *exemplars)}
        grown = tuple(by_place.values())  # a stretch counts once, as it was said last
        return {**documents, person: structs.replace(document, exemplars=_chosen(grown))}

    return edit


def removed(picks: Picks) -> Edit:
    """Nobody is known any more by what is picked."""

    def edit(documents: Documents) -> Documents:
        return {
            person: structs.replace(document, exemplars=tuple(e for e in document.exemplars if not picks(e)))
            for person, document in documents.items()
        }

    return edit


def in_order(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(documents: Documents) -> Documents:
        for one in edits:
            documents = one(documents)
        return documents

    return edit


def _chosen(exemplars: tuple[StoredExemplar, ...]) -> tuple[StoredExemplar, ...]:
    """At most `MOST_EXEMPLARS`. What a person vouched for stays as long as there is anything else."""
    kept = list(exemplars)
    while len(kept) > MOST_EXEMPLARS:
        space = [number for number, one in enumerate(kept) if one.encoder == kept[-1].encoder]
        elsewhere = [number for number in range(len(kept)) if number not in space]
        if elsewhere:  # what does not compare has waited longest
            del kept[elsewhere[0]]
            continue
        matched = [number for number in space if kept[number].evidence is Evidence.MATCHED]
        del kept[most_redundant([one.embedding for one in kept], matched or space)]
    return tuple(kept)
