"""`/v1/users`: what users wish of translation, of apps, and of what their app shows them."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Controller, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from msgspec import UNSET, Struct, UnsetType, structs

from adapters.inbound.http.accounts import DONE, EVERY_LANGUAGE, Tag
from adapters.inbound.http.errors import FAILURES
from adapters.inbound.http.requests import present
from application.plugins.manage_plugins import ManagePlugins
from application.users.accounts import Accounts
from domain.ids import PluginId, UserId
from domain.user import Account

AppName = Annotated[str, QueryParameter(name="app_id", max_length=200)]


class TranslationIn(Struct, kw_only=True):
    """Whether what is said is translated, and into what. What is left out stays as it is."""

    enabled: bool | UnsetType = UNSET
    language: Tag | UnsetType | None = UNSET
    """Null: the language of what is written for the user."""


class TranslationOut(Struct, frozen=True):
    """Whether what is said is translated, and into what."""

    enabled: bool
    language: str | None


class PreferredApp(Struct, frozen=True):
    """The app whose result comes first."""

    app_id: str | None


class DevModeIn(Struct, kw_only=True):
    """Whether it is on."""

    enabled: bool = True


class DevMode(Struct, frozen=True):
    """Whether it is on."""

    enabled: bool


class WishesController(Controller):
    """What the caller wishes."""

    path = "/v1/users"
    tags: Sequence[str] | None = ["users"]

    @get("/translation", status_code=200, responses=FAILURES, summary="Whether what is said is translated")
    async def read_translation(
        self, *, user: NamedDependency[UserId], accounts: NamedDependency[Accounts]
    ) -> TranslationOut:
        """Of a caller who never said it: where any language may be spoken, and a language was chosen."""
        return _translation(await accounts.get(user))

    @patch("/translation", status_code=200, responses=FAILURES, summary="Have what is said translated, or not")
    async def choose_translation(
        self, *, user: NamedDependency[UserId], accounts: NamedDependency[Accounts], data: JSONBody[TranslationIn]
    ) -> TranslationOut:
        """For live sockets from now on. One that has `translate` in its address goes by that."""
        return _translation(await accounts.update(user, lambda account: _wished(account, data)))

    @put("/preferences/app", status_code=200, responses=FAILURES, summary="Choose the app whose result comes first")
    async def prefer_app(
        self,
        *,
        user: NamedDependency[UserId],
        accounts: NamedDependency[Accounts],
        plugins: NamedDependency[ManagePlugins],
        app: AppName,
    ) -> dict[str, str]:
        """Of memories that are made from now on. `null` for none."""
        chosen = present(app) or ""
        if chosen:
            await plugins.get(user, PluginId(chosen))
        await accounts.update(user, lambda account: structs.replace(account, preferred_app=chosen))
        return DONE

    @get("/preferences/app", status_code=200, responses=FAILURES, summary="The app whose result comes first")
    async def read_preferred_app(
        self, *, user: NamedDependency[UserId], accounts: NamedDependency[Accounts]
    ) -> PreferredApp:
        """The app that the caller chose."""
        return PreferredApp(await accounts.preferred_app(user) or None)

    @post("/developer/dev-mode", status_code=200, responses=FAILURES, summary="Switch the mode for developers")
    async def switch_dev_mode(
        self,
        *,
        user: NamedDependency[UserId],
        accounts: NamedDependency[Accounts],
        data: JSONBody[DevModeIn | None] = None,
    ) -> DevMode:
        """Kept for the app, which shows more then. Nothing here goes by it."""
        wanted = data.enabled if data else True
        account = await accounts.update(user, lambda account: structs.replace(account, dev_mode=wanted))
        return DevMode(account.dev_mode)

    @get("/developer/dev-mode", status_code=200, responses=FAILURES, summary="Whether the mode for developers is on")
    async def read_dev_mode(self, *, user: NamedDependency[UserId], accounts: NamedDependency[Accounts]) -> DevMode:
        """Whether it is on."""
        return DevMode((await accounts.get(user)).dev_mode)


def _wished(account: Account, wish: TranslationIn) -> Account:
    if wish.enabled is not UNSET:
        account = structs.replace(account, translates=wish.enabled)
    if wish.language is not UNSET:
        chosen = present(wish.language) or ""
        account = structs.replace(account, translation_language="" if chosen in EVERY_LANGUAGE else chosen)
    return account


def _translation(account: Account) -> TranslationOut:
    language = account.translation_language or account.language
    enabled = bool(language) if account.translates is None else account.translates
    return TranslationOut(enabled=enabled, language=language or None)
