"""`/v1/memories/{id}/photos`: what a camera saw meanwhile."""

from collections.abc import Sequence

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.wire_pieces import WirePhoto
from application.memories.manage_memories import ManageMemories
from application.photos.keep_photos import KeepPhotos
from domain.ids import MemoryId, UserId


class PhotosController(Controller):
    """Photos of the memories of the caller."""

    path = "/v1/memories/{memory_id:str}/photos"
    tags: Sequence[str] | None = ["memories"]

    @get(status_code=200, responses=FAILURES, summary="The photos of a memory, with the pictures")
    async def list_photos(
        self,
        *,
        user: NamedDependency[UserId],
        memories: NamedDependency[ManageMemories],
        photos: NamedDependency[KeepPhotos],
        memory_id: FromPath[str],
    ) -> list[WirePhoto]:
        """Lists photos in order; the picture is base64 of a JPEG, and empty where it is gone."""
        memory = await memories.get(user, MemoryId(memory_id))
        return [
            WirePhoto(base64=await photos.base64(user, photo), description=photo.description) for photo in memory.photos
        ]
