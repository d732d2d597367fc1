"""`/v1/objects`: recordings and samples, for whoever has a link to them."""

from collections.abc import Sequence

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.inbound.http.authentication import PUBLIC
from adapters.inbound.http.errors import FAILURES
from application.recordings.share_objects import ShareObjects

MEDIA_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "jpg": "image/jpeg"}
HEADERS = {
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
"""Whatever somebody managed to store, no browser takes it for a page."""


class ObjectsController(Controller):
    """Open to anybody: a link proves itself, and works for a while."""

    path = "/v1/objects"
    opt = PUBLIC
    security: Sequence[dict[str, list[str]]] | None = [{}]
    tags: Sequence[str] | None = ["objects"]

    @get("/{token:str}", status_code=200, responses=FAILURES, summary="What a link leads to", media_type="audio/wav")
    async def read_object(
        self, *, share_objects: NamedDependency[ShareObjects], token: FromPath[str]
    ) -> Response[bytes]:
        """Gives the content; 404 when the time of the link is over."""
        found = await share_objects.linked(token)
        media_type = MEDIA_TYPES.get(found.key.rpartition(".")[2], "application/octet-stream")
        return Response(found.content, media_type=media_type, headers=HEADERS)
