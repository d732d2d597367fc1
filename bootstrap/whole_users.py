"""All data of one user: what exports, reads back and erases them, out of the object graph."""

from application.users.erase_stores import Derived, all_stores
from application.users.erase_user import EraseUser
from application.users.export_user import ExportUser
from application.users.import_user import ImportUser
from application.users.seal_user import SealUser
from application.users.user_data import UserData
from bootstrap.adapters import chosen
from bootstrap.container import Container
from domain.ids import UserId
from ports.sealing_again import NoticesKeys, SealsAgain

EXPORTING = (
    "clock",
    "key_value_store",
    "object_store",
    "memory_repository",
    "people",
    "facts",
    "chat_history",
    "usage_ledger",
)
"""Adapters that have to be open."""
IMPORTING = (*EXPORTING, "text_embedder", "text_index", "vector_index")
ERASING = (*EXPORTING, "text_index", "vector_index", "capture_journal", "job_queue")
SEALING = (*EXPORTING, "text_index", "vector_index")


def exporter(container: Container) -> ExportUser:
    """Writes archives."""
    return ExportUser(data_of(container), archive=chosen("archive", container.settings(), container.clock()))


def importer(container: Container) -> ImportUser:
    """Reads archives back."""
    profiles = container.speech_profiles()

    async def voices_changed(user: UserId) -> None:
        await profiles.change(user, lambda documents: documents)

    return ImportUser(
        data_of(container),
        archive=chosen("archive", container.settings(), container.clock()),
        recall=container.recall(),
        voices_changed=voices_changed,
    )


def eraser(container: Container) -> EraseUser:
    """Removes users. Its `erase` does `erase_user` jobs."""
    derived = Derived(
        conversations=container.conversations(),
        journal=container.capture_journal(),
        jobs=container.job_queue(),
        texts=container.text_index(),
        vectors=container.vector_index(),
        forget_heard=container.speech_profiles().forget_user,
        vault=container.vault(),
    )
    stores = (container.erased_users().store, *all_stores(data_of(container), derived))
    return EraseUser(jobs=container.job_queue(), stores=stores, clock=container.clock())


def sealer(container: Container, notices: NoticesKeys) -> SealUser:
    """Seals users anew. Stores in memory alone have nothing to be sealed."""
    stores = {
        "facts": container.facts(),
        "people": container.people(),
        "messages": container.chat_history(),
        "recordings, photos, voices": container.object_store(),
        "account and settings": container.key_value_store(),
        "meanings to search": container.vector_index(),
    }
    return SealUser(
        memories=container.memory_repository(),
        notices=notices,
        texts=container.text_index(),
        stores={name: store for name, store in stores.items() if isinstance(store, SealsAgain)},
    )


def data_of(container: Container) -> UserData:
    """The stores that hold what belongs to users."""
    return UserData(
        memories=container.memory_repository(),
        people=container.people(),
        facts=container.facts(),
        chat=container.chat_history(),
        objects=container.object_store(),
        values=container.key_value_store(),
        usage=container.usage_ledger(),
        accounts=container.accounts(),
        reviews=container.plugin_reviews(),
    )
