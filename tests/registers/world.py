"""A small register with its people, and settings that point to it, for the tests of registers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from yba.identity.registers import asking, batch, settings, verifying
from yba.kit import Actor, Grant
from yba.operations import simulate
from yba.specs.identity.registers import population

NUMBER, OTHER = "011159000001", "011185000002"
WOMAN = simulate.Resident(NUMBER, "Lò Thị Mai", "19590312", "2", "03127", head=OTHER)
MAN = simulate.Resident(OTHER, "Quàng Văn Hặc", "19850730", "1", "03127", head=OTHER)
PEOPLE = (WOMAN, MAN)
OPERATOR = Actor.operator()
since = 0  # number of the last row of the trail before this test
KEYS = {
    "direct": {
        "username": simulate.population.USER, "secret": simulate.population.SECRET, "service_url": simulate.population.SERVICE, "staff": "011190000001",
        "client": "VN/GOV/1/yba",
    },
    "licensed": {"client_id": simulate.population.USER, "secret": simulate.population.SECRET},
}  # fmt: skip


def clerk(facility: str = "11001") -> Actor:
    return Actor.user(UUID(int=int(facility)), [Grant("record-clerk", frozenset({facility}))], purpose="administration")


def secrets_file(folder: Path, keys: dict[str, str], mode: int = 0o600) -> str:
    path = folder / "credentials.toml"
    path.write_text("".join(f'{name} = "{value}"\n' for name, value in keys.items()), "utf-8")
    path.chmod(mode)
    return str(path)


@contextmanager
def reached(
    folder: Path,
    mode: str = "direct",
    *,
    strict: bool = False,
    weather: simulate.Weather | None = None,
    per_minute: int = 6000,
    per_day: int = 10_000,
) -> Iterator[simulate.Simulated]:
    """A simulated population database, and the settings that lead to it."""
    kind = {"direct": simulate.Direct, "licensed": simulate.Licensed}[mode]
    with simulate.Simulated(kind(PEOPLE, strict=strict), weather) as server, ExitStack() as stack:
        for setting, value in (
            (settings.POPULATION, server.address), (settings.POPULATION_MODE, mode), (settings.POPULATION_PER_MINUTE, per_minute),
            (settings.POPULATION_PER_DAY, per_day), (settings.POPULATION_CREDENTIALS, secrets_file(folder, KEYS[mode])),
        ):  # fmt: skip
            stack.enter_context(setting.set_to(value))
        yield server


def hurried(monkeypatch, *, answer_seconds: float = 0.4) -> list[float]:
    """Pauses are written down instead of slept, and an answer has less time; the rest stays what it is."""
    pauses: list[float] = []
    rules = population()
    quick = replace(rules, limits=replace(rules.limits, answer_seconds=answer_seconds))
    monkeypatch.setattr(verifying, "rules", lambda: quick)
    for module in (asking, batch):  # its own name in each: the rest of the process sleeps as it does
        monkeypatch.setattr(module, "sleep", pauses.append)
    return pauses
