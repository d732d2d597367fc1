"""Pictures of memories over HTTP."""

import base64

from adapters.inbound.http.application import provided
from adapters.inbound.http.photos import PhotosController
from adapters.outbound.object_store.memory import InMemoryObjectStore
from application.photos.keep_photos import KeepPhotos
from domain.ids import MemoryId
from domain.memory import Photo
from tests.support.http_app import ANNA, BERT, Backend, a_memory, keep


async def test_the_photos_of_a_memory_are_listed_with_their_pictures() -> None:
    backend, photos = Backend(), KeepPhotos(objects=InMemoryObjectStore())
    key = await photos.put(ANNA, MemoryId("first"), 0, b"jpeg")
    kept = (Photo(key=key, description="a door"), Photo(base64="AAAA", description="a train"))
    await keep(backend, ANNA, a_memory(photos=kept))
    served = {"handlers": [PhotosController], "dependencies": {"photos": provided(photos)}}
    async with backend.client(ANNA, **served) as anna:
        answer = await anna.get("/v1/memories/first/photos")
    assert answer.status_code == 200
    assert answer.json() == [
        {"base64": base64.b64encode(b"jpeg").decode(), "description": "a door"},
        {"base64": "AAAA", "description": "a train"},
    ]
    async with backend.client(BERT, **served) as bert:
        assert (await bert.get("/v1/memories/first/photos")).status_code == 404
    async with backend.client(None, **served) as nobody:
        assert (await nobody.get("/v1/memories/first/photos")).status_code == 401
