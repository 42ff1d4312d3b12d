"""``yba settings``: every setting with its meaning and present value."""

from __future__ import annotations

import click

from yba.app import rooms
from yba.kit.settings import REGISTRY, Setting


@click.command()
@click.option("--markdown", is_flag=True, help="Print the table of docs/settings.md.")
def settings(markdown: bool) -> None:  # noqa: FBT001  # click hands options over by name
    """Các tham số cài đặt (biến môi trường YBA_…): ý nghĩa và giá trị đang dùng."""
    rooms.load_settings()
    everything = sorted(REGISTRY.values(), key=lambda setting: setting.name)
    if markdown:
        click.echo(table(everything))
        return
    for setting in everything:
        shown = "(set)" if setting.name.endswith(("_URL", "_SECRET")) and setting() else setting()
        click.echo(f"{setting.name} = {shown}\n    {setting.meaning}")


def table(everything: list[Setting[object]]) -> str:
    """Return the settings as a Markdown table."""
    head = "| setting | default | meaning | what to write |\n|---|---|---|---|"
    rows = (f"| `{s.name}` | {f'`{s.default}`' if s.default else 'empty'} | {s.meaning} | {s.write} |" for s in everything)
    return "\n".join((head, *rows))
