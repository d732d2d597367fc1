"""Facts as documents of Firestore, whatever program of whatever year wrote them."""

from functools import partial
from typing import Any

from adapters.outbound.firestore_documents import Collection
from adapters.outbound.firestore_values import START_OF_TIME, Document, choice, moment, name, number, texts, truth
from adapters.outbound.user_encryption import Protection, UserCipher, decrypted_text, protected
from domain.fact import Fact, FactCategory
from domain.ids import MemoryId, SegmentId, UserId


def fact_collection(place: str, *, cipher: UserCipher, protection: Protection) -> Collection[Fact]:
    """How facts lie in one of their collections."""
    return Collection(
        noun="fact",
        name=place,
        identifier=lambda fact: fact.id,
        fields=partial(fact_fields, cipher=cipher, protection=protection),
        value=partial(fact_of, cipher=cipher),
        mark="content",
    )


def fact_fields(fact: Fact, user: UserId, *, cipher: UserCipher, protection: Protection) -> dict[str, Any]:
    """The fields of a document for a fact."""
    fields = {
        "id": fact.id,
        "uid": user,
        "content": fact.content,
        "category": fact.category.value,
        "created_at": fact.created_at,
        "updated_at": fact.updated_at,
        "memory_id": fact.memory_id,
        "reviewed": fact.reviewed,
        "user_review": fact.user_review,
        "manually_added": fact.manually_added,
        "edited": fact.edited,
        "deleted": False,
        "valid_from": fact.valid_from,
        "valid_to": fact.valid_to,
        "superseded_by": fact.superseded_by,
        "confidence": fact.confidence,
        "evidence": list(fact.evidence),
    }
    return protected(fields, "content", user=user, cipher=cipher, protection=protection)


def fact_of(document: Document, identifier: str, user: UserId, *, cipher: UserCipher) -> Fact:
    """The fact of a document.

    Raises:
        TemporarilyUnavailable: it is encrypted with another secret.
        Rejected: it is encrypted and there is no secret.
    """
    created = moment(document.get("created_at")) or START_OF_TIME
    memory = name(document.get("memory_id")) or name(document.get("conversation_id"))
    review = document.get("user_review")
    return Fact(
        id=identifier,
        content=decrypted_text(document.get("content"), document=document, user=user, cipher=cipher),
        category=choice(FactCategory, document.get("category"), FactCategory.OTHER),
        created_at=created,
        updated_at=moment(document.get("updated_at")) or created,
        memory_id=MemoryId(memory) if memory else None,
        reviewed=truth(document.get("reviewed")),
        user_review=review if isinstance(review, bool) else None,
        manually_added=truth(document.get("manually_added")),
        edited=truth(document.get("edited")),
        valid_from=moment(document.get("valid_from")),
        valid_to=moment(document.get("valid_to")),
        superseded_by=name(document.get("superseded_by")),
        confidence=number(document.get("confidence"), 1.0),
        evidence=tuple(SegmentId(segment) for segment in texts(document.get("evidence"))),
    )
