"""`/v1/firmware/latest`: this server publishes no firmware."""

from collections.abc import Sequence

from litestar import Controller, get
from litestar.exceptions import NotFoundException

from adapters.inbound.http.authentication import PUBLIC
from adapters.inbound.http.errors import FAILURES

NONE_HERE = "This server publishes no firmware; devices are updated through the app's own maker"


class FirmwareController(Controller):
    """Apps ask at their start, and do without where the answer is 404."""

    path = "/"
    opt = PUBLIC
    security: Sequence[dict[str, list[str]]] | None = [{}]
    tags: Sequence[str] | None = ["firmware"]

    @get(
        ["/v1/firmware/latest", "/v2/firmware/latest"],
        status_code=200,
        responses=FAILURES,
        summary="The newest firmware: there is none",
    )
    async def latest(self) -> dict[str, str]:
        """404, and why."""
        raise NotFoundException(NONE_HERE)
