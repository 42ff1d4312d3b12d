"""axe-core, fetched by lock file and never served, as a judge of pages in a browser."""

from pathlib import Path

import pytest

AXE = Path(__file__).parents[2] / "tools" / "web" / "node_modules" / "axe-core" / "axe.min.js"


def judged_as_shown(desk, name):
    """No serious violation on what a desk shows now: an answer to a form has no address to go to, and a desk without script runs no judge."""
    context = desk.browser.new_context(viewport={"width": 1366, "height": 768}, storage_state=desk.context.storage_state())
    page = context.new_page()
    page.goto(f"{desk.base}/")  # for the addresses of style and fonts
    page.set_content(desk.page.content())
    judged(page, name)
    context.close()


def judged(page, name):
    """No serious violation by axe-core."""
    if not AXE.exists():
        pytest.fail("axe-core is not there: python tools/build_web.py")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    grave = [(one["id"], one["impact"], [node["html"][:120] for node in one["nodes"]]) for one in found if one["impact"] in {"serious", "critical"}]
    assert grave == [], f"{name}: {grave}"
