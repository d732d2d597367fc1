"""Addresses of devices, for tests."""

from domain.ids import UserId


class EverybodyHasADevice:
    """Everybody has one, until it is forgotten."""

    def __init__(self) -> None:
        self.forgotten: list[tuple[UserId, str]] = []

    async def of(self, user: UserId) -> str:
        address = f"device of {user}"
        return "" if (user, address) in self.forgotten else address

    async def forget(self, user: UserId, address: str) -> None:
        self.forgotten.append((user, address))
