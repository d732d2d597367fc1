"""`/v1/users/store-recording-permission`: whether the audio of conversations may be kept."""

from collections.abc import Sequence

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct

from adapters.inbound.http.errors import FAILURES
from application.recordings.keep_recordings import KeepRecordings
from domain.ids import UserId

DONE = {"status": "ok"}


class Permission(Struct, frozen=True):
    """What the user allowed."""

    store_recording_permission: bool


class RecordingPermissionController(Controller):
    """The permission of the caller. Nothing is kept of who did not give it."""

    path = "/v1/users/store-recording-permission"
    tags: Sequence[str] | None = ["users"]

    @get(status_code=200, responses=FAILURES, summary="Whether recordings are kept")
    async def read_permission(
        self, *, user: NamedDependency[UserId], recordings: NamedDependency[KeepRecordings]
    ) -> Permission:
        """Says whether the audio of conversations is kept."""
        return Permission(await recordings.is_permitted(user))

    @post(status_code=200, responses=FAILURES, summary="Allow or forbid that recordings are kept")
    async def set_permission(
        self, *, user: NamedDependency[UserId], recordings: NamedDependency[KeepRecordings], value: FromQuery[bool]
    ) -> dict[str, str]:
        """From now on; what is kept already stays."""
        await (recordings.permit(user) if value else recordings.forbid(user))
        return DONE

    @delete(status_code=200, responses=FAILURES, summary="Forbid it, and remove all recordings")
    async def withdraw_permission(
        self, *, user: NamedDependency[UserId], recordings: NamedDependency[KeepRecordings]
    ) -> dict[str, str]:
        """Takes the permission back and wipes what was kept."""
        await recordings.wipe(user)
        return DONE
