"""Ids: the same facts give the same id under one key only, the two forms agree, new ones sort by time, the key is private."""

from __future__ import annotations

import stat
import subprocess
import sys
import timeit
from pathlib import Path
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yba.kit import Invalid, derived, derived_text, new_id
from yba.kit.ids import installation_key, write_secret_once

parts = st.lists(st.one_of(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.integers(0, 10**6).map(str)), max_size=5)


@given(parts, parts)
def test_different_facts_have_different_ids(one: list[str], other: list[str]) -> None:
    assert (derived("claim", *one) == derived("claim", *other)) == (one == other)
    assert derived("claim", *one) != derived("person", *one)


@given(parts)
def test_the_two_forms_agree(some: list[str]) -> None:
    assert derived_text("claim", *some) == str(derived("claim", *some))


def test_a_derived_id_is_a_proper_uuid_of_version_8() -> None:
    made = derived("claim", "01234", "LK-1", 3)
    assert made == UUID(str(made))
    assert (made.version, made.variant) == (8, RFC_4122)
    assert hash(made) == hash(UUID(str(made)))
    assert derived("claim", 3) == derived("claim", "3")


def test_deriving_is_cheap_enough_for_25_resources_a_claim() -> None:
    seconds = min(timeit.repeat(lambda: derived_text("claim", "01234", "LK-1", "XML2", 3), number=2000, repeat=5)) / 2000
    assert seconds < 20e-6  # 1.6 µs on a quiet machine


def test_new_ids_sort_by_time() -> None:
    made = []
    for _ in range(3):
        made.append(new_id())
        end = timeit.default_timer() + 0.003
        while timeit.default_timer() < end:
            pass
    assert made == sorted(made)
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    key = installation_key(tmp_path)
    assert installation_key(tmp_path) == key
    path = tmp_path / "keys" / "installation.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_of_two_writers_at_once_one_wins_for_both(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    assert write_secret_once(path, b"first") == b"first"
    assert write_secret_once(path, b"second") == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "installation.key").write_bytes(b"short")
    with pytest.raises(Invalid, match="backup"):
        installation_key(tmp_path)


def test_ids_hang_on_the_key(tmp_path: Path) -> None:
    def other(var: str) -> str:
        code = "from yba.kit import derived_text; print(derived_text('claim', '01234', 'LK-1'))"
        env = {"YBA_VAR": str(tmp_path / var), "PATH": "/usr/bin:/bin"}
        return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout

    assert other("a") == other("a") != other("b")
