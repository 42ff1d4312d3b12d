"""A digest on paper: targets bear their unit and whether they are reached; what was kept before that was said is still set."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from yba.specs.alerts import Severity
from yba.specs.boards import Better, boards
from yba.warehouse import Cell, State
from yba.warehouse.alerts import Alert, Place, Reason
from yba.warehouse.boards import Shown
from yba.warehouse.digests.content import content_of
from yba.warehouse.digests.paper import paper

TILE = next(one for one in boards()["director"].tiles if one.measure == "record-coverage")


def shown(value: float | None, *, state: State = State.SHOWN, better: Better = Better.HIGHER) -> Shown:
    """A tile of one period whose target is 95 %."""
    tile = TILE if better is TILE.better else type(TILE)(**{name: getattr(TILE, name) for name in TILE.__slots__} | {"better": better})
    return Shown(tile, ("2026-11",), (Cell("2026-11", {}, value, 100, value, state, 3, 4),))


@pytest.mark.parametrize(
    ("value", "better", "meets"),
    [(95, Better.HIGHER, True), (94.9, Better.HIGHER, False), (95, Better.LOWER, True), (95.1, Better.LOWER, False), (None, Better.HIGHER, None)],
)
def test_a_target_is_reached_on_the_side_that_is_better(value: float | None, better: Better, meets: bool | None) -> None:
    assert shown(value, better=better).meets is meets


def test_a_number_too_small_to_be_shown_tells_nothing_of_its_target() -> None:
    assert shown(97, state=State.TOO_FEW).meets is None


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_paper_says_the_target_and_what_was_kept_earlier_is_still_set(lang: str) -> None:
    desk = type("Desk", (), {"tiles": (shown(96),), "until": None, "worst": (), "improved": ()})()
    spec = type("Spec", (), {"title": TILE.title, "tiles": ("record-coverage",)})()
    content = content_of(spec, "2026-11", desk, [], {})
    (tile,) = content["tiles"]
    assert tile["target_words"] == {"vi": "95 %", "en": "95 %"}
    assert tile["reached"] is True
    new = paper(content, lang)
    del tile["reached"]
    old = paper(content, lang)
    assert new.startswith(b"%PDF")
    assert old.startswith(b"%PDF")
    assert len(new) != len(old), "the words of a target reached are set"


def test_an_alert_says_of_which_disease_and_which_place() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    found = Alert(
        UUID(int=1), "notifiable-above-channel-commune", Severity.URGENT, "notifiable-diagnoses", "2026-W46", Place(area="99999", detail="DENGUE"), 12.0,
        3.0, 1.0, 5.0, Reason.ABOVE_CHANNEL, "2026-W46", at, at, None, None, "", None, None, "",
    )  # fmt: skip
    desk = type("Desk", (), {"tiles": (shown(96),), "until": None, "worst": (), "improved": ()})()
    spec = type("Spec", (), {"title": TILE.title, "tiles": ("record-coverage",)})()
    places = [content_of(spec, "2026-W46", desk, [one], names)["alerts"][0]["place"] for one, names in (
        (found, {"99999": "Xã Nà Tấu"}), (found, {}), (found._replace(place=Place(facility="11001")), {}), (found._replace(place=Place()), {}),
    )]  # fmt: skip
    assert [one["vi"] for one in places] == ["Xã Nà Tấu – Sốt xuất huyết Dengue", "Xã 99999 – Sốt xuất huyết Dengue", "Cơ sở 11001", "Cả tỉnh"]
    assert places[1]["en"].startswith("Commune 99999 – ")
