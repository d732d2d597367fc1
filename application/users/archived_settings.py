"""What a user chose, from the store and back into it."""

from msgspec import structs

from application.users.archive_format import ArchivedAccount, ArchivedSettings
from application.users.user_data import UserData
from domain.ids import UserId

FLAGS = ("emotional_feedback", "store_recording_permission")
"""Values that say yes by being there, under `users:{user}:{name}`."""
SETS = ("enabled_plugins", "public_facts")
_YES = b"1"


async def settings_of(data: UserData, user: UserId) -> ArchivedSettings:
    """What a user chose, without secrets. Raises TemporarilyUnavailable."""
    account = await data.accounts.get(user)
    own = ArchivedAccount(**{name: getattr(account, name) for name in ArchivedAccount.__struct_fields__})
    sets = {name: tuple(sorted(await data.values.members(_key(user, name)))) for name in SETS}
    return ArchivedSettings(
        account=None if own == ArchivedAccount() else own,
        flags=tuple([name for name in FLAGS if await data.values.get(_key(user, name)) is not None]),
        sets={name: members for name, members in sets.items() if members},
    )


async def put_settings(data: UserData, user: UserId, wanted: ArchivedSettings) -> None:
    """Has a user choose that; what the account says goes. Nothing is switched off. Raises TemporarilyUnavailable."""
    if wanted.account is not None:
        fields = structs.asdict(wanted.account)
        await data.accounts.update(user, lambda account: structs.replace(account, **fields))
    for name in set(wanted.flags) & set(FLAGS):
        await data.values.put_if_absent(_key(user, name), _YES)
    for name in wanted.sets.keys() & set(SETS):
        for member in wanted.sets[name]:
            await data.values.add_member(_key(user, name), member)


def combined(kept: ArchivedSettings, archived: ArchivedSettings) -> ArchivedSettings:
    """What is chosen when both count. Of the account, what was kept goes before what is archived."""
    nothing = ArchivedAccount()
    mine, other = kept.account or nothing, archived.account or nothing
    fields = {
        name: getattr(other, name) if value == getattr(nothing, name) else value
        for name, value in structs.asdict(mine).items()
    }
    account = ArchivedAccount(**fields)
    sets = {
        name: tuple(sorted({*kept.sets.get(name, ()), *archived.sets.get(name, ())}))
        for name in SETS
        if name in kept.sets or name in archived.sets
    }
    return ArchivedSettings(
        account=None if account == nothing else account,
        flags=tuple(name for name in FLAGS if name in kept.flags or name in archived.flags),
        sets=sets,
    )


def _key(user: UserId, name: str) -> str:
    return f"users:{user}:{name}"
