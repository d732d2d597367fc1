"""`/webhook`: a place to send something to, and to look at what came."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import JSONBody
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from application.plugins.last_report import LARGEST, LastReport
from domain.ids import UserId

NONE = "Nothing was reported within the last hour"


class WireReport(Struct, frozen=True, kw_only=True):
    """What came last."""

    received_at: datetime
    report: dict[str, Any]


class ReportsController(Controller):
    """For whoever tries out a vendor's callbacks: results of jobs that tell voices apart came here in the original.

    A report changes nothing. The caller alone reads it, for an hour.
    """

    path = "/webhook"
    tags: Sequence[str] | None = ["integrations"]

    @post(status_code=200, responses=FAILURES, summary="Report anything, to look at it", request_max_body_size=LARGEST)
    async def report(
        self, *, user: NamedDependency[UserId], last_report: NamedDependency[LastReport], data: JSONBody[dict[str, Any]]
    ) -> dict[str, str]:
        """Keeps any object in place of the one before."""
        await last_report.keep(user, data)
        return {}

    @get(status_code=200, responses=FAILURES, summary="What was reported last")
    async def read_report(
        self, *, user: NamedDependency[UserId], last_report: NamedDependency[LastReport]
    ) -> WireReport:
        """Reads it; 404 where nothing came within the last hour."""
        found = await last_report.read(user)
        if found is None:
            raise NotFoundException(NONE)
        return WireReport(received_at=found.received_at, report=found.content)
