"""``yba law``: where the platform stands with the law."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from yba.kit import clock
from yba.operations import LawStatus, Standing, law_markdown, law_status

from .common import print_json

if TYPE_CHECKING:
    from yba.specs.law import Requirement

NEXT_SHOWN = 12


@click.command()
@click.option("--room", default="", help="Only duties that fall to this room.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge by (default: today).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--markdown", is_flag=True, help="The page docs/law.md.")
def law(room: str, day: date | None, as_json: bool, markdown: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Danh sách yêu cầu pháp luật: đã đáp ứng (kèm kiểm thử chứng minh), còn mở, không thuộc phạm vi, sắp có hiệu lực."""
    if markdown:
        click.echo(law_markdown(), nl=False)
        return
    status = law_status(on=date(day.year, day.month, day.day) if day else clock.today(), room=room)
    if as_json:
        print_json(_as_data(status))
    else:
        click.echo(_as_text(status))


def _as_data(status: LawStatus) -> dict[str, object]:
    listed = {s.value.replace(" ", "_"): [_duty(duty, tests) for duty, tests in status.of(s)] for s in Standing}
    coming = [{"date": duty.on, "duty": duty.duty, "who": duty.who, "basis": duty.basis, "rooms": duty.rooms} for duty in status.next]
    return {"on": status.on, "counts": status.counts(), **listed, "next": coming}


def _duty(duty: Requirement, tests: tuple[str, ...]) -> dict[str, object]:
    found: dict[str, object] = {"id": duty.id, "title": duty.title_en, "concern": duty.concern, "level": duty.level, "rooms": duty.rooms}
    return found | ({"tests": tests} if tests else {})


def _as_text(status: LawStatus) -> str:
    counts = status.counts()
    lines = [f"On {status.on}: {sum(group['all'] for group in counts.values())} duties"]
    for name, label in (("platform", "the platform's"), ("partly", "another's, the platform helps")):
        c = counts[name]
        lines.append(f"  {c['all']:>3} {label}: {c['met']} met, {c['open']} open, {c['coming']} coming, {c['ended']} ended")
    lines.append(f"  {counts['not_ours']['all']:>3} not ours")
    for standing in (Standing.MET, Standing.OPEN, Standing.COMING):
        listed = status.of(standing)
        lines += ["", f"{standing.upper()} ({len(listed)})"]
        for duty, tests in listed:
            lines.append(f"  {duty.id:<16} {duty.title_en}  [{', '.join(duty.rooms)}]")
            lines += [f"      {name}" for name in tests]
    lines += ["", "NEXT"]
    lines += [f"  {duty.on}  {duty.duty}" for duty in status.next[:NEXT_SHOWN]]
    return "\n".join(lines)
