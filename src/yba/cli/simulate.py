"""``yba simulate population | card``: outside registers of a synthetic province as real HTTP servers, with errors, delays and outages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from yba.kit.ids import write_secret_once
from yba.operations import simulate as registers

from .common import say

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def _weather(command: F) -> F:
    """The options both servers have."""
    options = (
        click.option("--truth", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True, help="Thư mục truth của yba synth."),
        click.option("--port", default=0, show_default="cổng trống", help="Cổng trên máy này."),
        click.option("--seed", default=1, show_default=True, help="Hạt giống của lỗi, độ trễ, gián đoạn."),
        click.option("--errors", default=1.0, show_default=True, help="Hệ số sai lệch của sổ so với sự thật; 0 = sổ luôn đúng."),
        click.option("--faults", type=click.FloatRange(0, 1), default=0.02, show_default=True, help="Tỷ lệ yêu cầu gặp lỗi hạ tầng."),
        click.option("--hostile", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Tỷ lệ trả lời độc hại."),
        click.option("--delay", type=float, nargs=2, default=(0.02, 0.2), show_default=True, help="Độ trễ, giây: từ, đến."),
        click.option("--outage", type=int, nargs=2, default=(0, 0), show_default=True, help="Sau mỗi N yêu cầu ngừng M yêu cầu."),
        click.option("--credentials", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Ghi tệp tài khoản (0600) vào đây."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def simulate() -> None:
    """Giả lập hệ thống ngoài để chạy thử: không bao giờ nằm trên đường đi của dữ liệu thật."""


@simulate.command()
@_weather
@click.option(
    "--mode", type=click.Choice(["direct", "licensed"]), default="direct", show_default=True, help="Trực tiếp (SOAP) hay qua tổ chức xác thực."
)
@click.option("--strict", is_flag=True, help="Chỉ trả lời khi họ tên và năm sinh cũng khớp.")
def population(*, mode: str, strict: bool, truth: Path, seed: int, errors: float, **given: Any) -> None:  # noqa: ANN401  the shared options
    """Giả lập CSDL quốc gia về dân cư từ sự thật của một tỉnh giả định."""
    residents = registers.load(truth, seed=seed, errors=errors)
    kind = {"direct": registers.Direct, "licensed": registers.Licensed}[mode]
    user, secret = registers.population.USER, registers.population.SECRET
    keys = (
        {"username": user, "secret": secret, "service_url": registers.population.SERVICE, "staff": "011190000001"}
        if mode == "direct"
        else {"client_id": user, "secret": secret}
    )
    text = "".join(f'{name} = "{value}"\n' for name, value in keys.items())
    _serve(kind(residents, strict=strict), seed, text, {"YBA_POPULATION_MODE": mode}, "POPULATION", **given)


@simulate.command()
@_weather
@click.option("--facility", "facilities", multiple=True, required=True, metavar="CODE", help="Cơ sở (MA_CSKCB) có tài khoản; có thể lặp lại.")
def card(*, facilities: tuple[str, ...], truth: Path, seed: int, errors: float, **given: Any) -> None:  # noqa: ANN401  same
    """Giả lập tra cứu thẻ BHYT (KQNhanLichSuKCB2024) từ sự thật của một tỉnh giả định."""
    residents = registers.load(truth, seed=seed, errors=errors)
    keys = {
        "username": registers.card.USER, "password": registers.card.SECRET, "staff_name": registers.card.STAFF,
        "staff_number": registers.card.STAFF_NUMBER,
    }  # fmt: skip
    lines = "".join(f'{name} = "{value}"\n' for name, value in keys.items())
    text = "".join(f"[{code}]\n{lines}" for code in facilities)
    _serve(registers.CardRegister(residents, seed=seed), seed, text, {}, "CARD", **given)


def _serve(register: Any, seed: int, keys: str, settings: dict[str, str], name: str, **given: Any) -> None:  # noqa: ANN401  the shared options
    low, high = given["delay"]
    every, long = given["outage"]
    weather = registers.Weather(seed=seed, faults=given["faults"], hostile=given["hostile"], delay=(low, high), outage_every=every, outage_for=long)
    credentials: Path = given["credentials"]
    if credentials.exists() and credentials.read_text("utf-8") != keys:
        raise click.BadParameter(f"{credentials} đã có và khác: chọn tệp khác.", param_hint="--credentials")
    if not credentials.exists():
        write_secret_once(credentials, keys.encode())
    server = registers.Simulated(register, weather, port=given["port"])
    told = {f"YBA_{name}": server.address, f"YBA_{name}_CREDENTIALS": str(credentials.absolute())} | settings
    say("Đang giả lập; đặt các tham số sau cho yba (Ctrl+C để dừng):")
    click.echo("".join(f"export {key}={value}\n" for key, value in told.items()), nl=False)
    try:
        server.serve()
    except KeyboardInterrupt:
        server.ending.set()
        say(f"{server.count} yêu cầu.")
