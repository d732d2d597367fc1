"""Objects in Google Cloud Storage, under the names that Omi's own backend uses."""

import base64
import mimetypes
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Literal, Self, TypeVar

import anyio
import anyio.to_thread
from google.cloud import storage  # type: ignore[attr-defined]
from msgspec import Meta, Struct

from adapters.outbound.authenticator.secret_key import secret_key
from adapters.outbound.keys import checked, key_bytes, key_text
from adapters.outbound.object_store import signed_links
from adapters.outbound.object_store.gcs_client import Patience, client, translated
from adapters.outbound.object_store.gcs_names import is_whole, key_of, name_of, prefix_of
from adapters.outbound.secret import Secret
from domain.ids import UserId
from ports.clock import Clock
from ports.diagnosis import Condition, Diagnosis
from ports.errors import AdapterError, NotFound, Rejected
from ports.object_store import LinkedObject

R = TypeVar("R")
KEY_FILE = "objects.key"
"""In it is what links to our own server are signed with."""
LONGEST_LINK = timedelta(days=7)
"""Google gives no link for longer."""
_PROFILES = ("speech_profile.wav", "additional_profile_recordings/", "people_profiles/")
"""What Omi's own backend keeps in a bucket for speech profiles."""
_KEY = "key"
"""Metadata of an object whose name does not hold all of its key."""
_SETTINGS = "the `object_store.gcs` settings"


class GcsObjectStoreSettings(Struct, frozen=True, kw_only=True):
    """Where objects are kept, and how patient one is."""

    bucket: str = ""
    """For everything. It has to exist."""
    profiles_bucket: str = ""
    """For speech profiles, where they lie in a bucket of their own. Empty: with everything else."""
    service_account: Secret = ""
    """The file that Google's console gives for download, or its content. Empty: what the machine has."""
    endpoint: str = ""
    """HTTP address of another server of the protocol; without a service account it is asked anonymously."""
    links: Literal["google", "server"] = "google"
    """Whether links lead to Google, signed by the service account, or to our own server, which then serves them."""
    timeout: Annotated[float, Meta(gt=0)] = 20.0
    """Seconds for one request."""
    patience: Annotated[float, Meta(gt=0)] = 45.0
    """Seconds for which failed requests are tried again."""
    threads: Annotated[int, Meta(gt=0)] = 8
    """Requests at once."""


class GcsObjectStore:
    """Google's SDK, which waits, in threads of its own. Keys of more than 1,000 characters are Rejected."""

    def __init__(self, *, settings: GcsObjectStoreSettings, data_dir: Path, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._key_file = data_dir / KEY_FILE
        self._patience = Patience(settings.timeout, settings.patience)
        self._secret = b""
        self._client: Any

    async def __aenter__(self) -> Self:
        if not self._settings.bucket:
            raise Rejected(f"objects have no place: set `bucket` in {_SETTINGS}")
        self._limiter = anyio.CapacityLimiter(self._settings.threads)
        make = partial(client, self._settings.service_account, endpoint=self._settings.endpoint)
        self._client = await self._in_thread(make)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self._in_thread(self._client.close)

    async def put(self, user: UserId, key: str, content: bytes) -> None:
        """Stores an object whole or not at all; replaces an earlier one. Raises TemporarilyUnavailable."""
        await self._in_thread(partial(self._put, self._blob(user, key), key, bytes(content)))

    async def get(self, user: UserId, key: str) -> bytes:
        """An object. Raises NotFound, TemporarilyUnavailable."""
        blob = self._blob(user, key)
        content: bytes = await self._in_thread(partial(blob.download_as_bytes, **self._patience.options))
        return content

    async def delete(self, user: UserId, key: str) -> None:
        """Removes an object; nothing happens when there is none. Raises TemporarilyUnavailable."""
        try:
            await self._in_thread(partial(self._blob(user, key).delete, **self._patience.options))
        except NotFound:
            return

    async def list(self, user: UserId, prefix: str = "") -> tuple[str, ...]:
        """Keys of a user that start with a prefix, sorted. Raises TemporarilyUnavailable."""
        buckets = dict.fromkeys((self._settings.bucket, self._settings.profiles_bucket or self._settings.bucket))
        found: list[str] = []
        for bucket in buckets:
            found += await self._in_thread(partial(self._keys, bucket, prefix_of(user, prefix)))
        return tuple(sorted({key for key in found if key.startswith(prefix)}))

    async def link(self, user: UserId, key: str, *, lifetime: timedelta) -> str:
        """An address at Google's or a path on our own server. Raises NotFound, TemporarilyUnavailable."""
        blob = self._blob(user, key)
        if not await self._in_thread(partial(blob.exists, **self._patience.options)):
            raise NotFound("the user has no object of this name")
        if self._settings.links == "google":
            return await self._in_thread(partial(self._signed, blob, min(lifetime, LONGEST_LINK)))
        target = signed_links.target_of(user, key, until=self._clock.now() + lifetime)
        return signed_links.link(target, secret=await self._link_secret())

    async def linked(self, token: str) -> LinkedObject:
        """What a link to our own server leads to. Raises NotFound, TemporarilyUnavailable."""
        target = signed_links.target(token, secret=await self._link_secret(), now=self._clock.now())
        user, key = signed_links.place_of(target)
        return LinkedObject(key=key, content=await self.get(user, key))

    async def diagnose(self) -> Diagnosis:
        """Whether the bucket is there and may be read."""
        bucket = self._client.bucket(self._settings.bucket)
        look = partial(self._client.list_blobs, bucket, max_results=1, **self._patience.options)
        try:
            await self._in_thread(lambda: tuple(look()))
        except AdapterError as error:
            return Diagnosis(condition=Condition.BROKEN, finding=str(error), remedy=f"look at {_SETTINGS}")
        return Diagnosis(condition=Condition.WORKING, finding=f"the bucket {self._settings.bucket} can be read")

    async def _in_thread(self, work: Callable[[], R]) -> R:
        def translating() -> R:
            with translated():
                return work()

        return await anyio.to_thread.run_sync(translating, limiter=self._limiter)

    def _blob(self, user: UserId, key: str) -> storage.Blob:
        is_profile = self._settings.profiles_bucket and checked(key).startswith(_PROFILES)
        bucket = self._settings.profiles_bucket if is_profile else self._settings.bucket
        return self._client.bucket(bucket).blob(name_of(user, checked(key)))

    def _put(self, blob: storage.Blob, key: str, content: bytes) -> None:
        if not is_whole(blob.name):
            blob.metadata = {_KEY: base64.urlsafe_b64encode(key_bytes(key)).decode()}
        kind = mimetypes.guess_type(blob.name)[0] or "application/octet-stream"
        try:
            with translated():
                blob.upload_from_string(content, content_type=kind, **self._patience.options)
        except NotFound as error:
            raise Rejected(f"there is no bucket {blob.bucket.name}: look at {_SETTINGS}") from error

    def _keys(self, bucket: str, prefix: str) -> tuple[str, ...]:
        fields = "items(name,metadata),nextPageToken"
        found = self._client.list_blobs(bucket, prefix=prefix, fields=fields, **self._patience.options)
        return tuple(_key(blob.name, blob.metadata) for blob in found)

    def _signed(self, blob: storage.Blob, lifetime: timedelta) -> str:
        endpoint = {"api_access_endpoint": self._settings.endpoint} if self._settings.endpoint else {}
        try:
            return str(blob.generate_signed_url(version="v4", expiration=lifetime, method="GET", **endpoint))
        except AttributeError as error:  # so says the SDK that the credentials cannot sign
            raise Rejected(f'links need a service account, or `links = "server"`, in {_SETTINGS}') from error

    async def _link_secret(self) -> bytes:
        if not self._secret:
            self._secret = await anyio.to_thread.run_sync(secret_key, self._key_file, limiter=self._limiter)
        return self._secret


def _key(name: str, metadata: dict[str, str] | None) -> str:
    if is_whole(name):
        return key_of(name)
    return key_text(base64.urlsafe_b64decode((metadata or {}).get(_KEY, "")))
