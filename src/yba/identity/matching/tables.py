"""Reading any list of people: which column is what (columns.toml), and what is wrong with a file, by file, row, column and rule."""

from __future__ import annotations

import codecs
import csv
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.kit.errors import Invalid
from yba.specs.claims import SpecError
from yba.specs.identity import matching as specs

from .batch import TEXTS, normalise
from .engine import engine_error

# ruff: noqa: S608  # statements are written from checked specs and quoted names; no value of a user is in their text

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from yba.specs.identity.matching import MatchingSet, Release

_CHUNK: Final = 1 << 20
_SHOWN: Final = 5  # rows named per rule
_LINE: Final = re.compile(r"(?:Line|line)[: ]+(\d+)")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
# How a text of a set of one's own becomes its column: in the engine, without marks, lower case.
STEPS: Final = {
    "words": "trim(regexp_replace(lower(strip_accents({0})), '[^a-z0-9]+', ' ', 'g'))",
    "digits": "regexp_replace({0}, '[^0-9]+', '', 'g')",
    "code": "regexp_replace(lower(strip_accents({0})), '[^a-z0-9]+', '', 'g')",
}


class Finding(NamedTuple):
    """Something wrong in a list that does not stop it: file, rule, column, how many rows, the first of them (1 is the first below the header)."""

    file: str
    rule: str
    column: str
    times: int
    rows: tuple[int, ...]
    vi: str


@dataclass(frozen=True)
class Mapping:
    """columns.toml: the set, the column with the row's id, the text or column of the set -> the list's column, and the step for each."""

    set: MatchingSet
    id: str
    columns: dict[str, str]
    steps: dict[str, str] = field(default_factory=dict)
    release: Release | None = None

    @property
    def is_people(self) -> bool:
        """Whether texts are normalised as descriptions of people; a set of one's own has its steps."""
        return self.set.name == "people"


def read_mapping(path: Path) -> Mapping:
    """Read columns.toml. Raises Invalid with what is missing or unknown."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        own = data.get("set", "people") != "people"
        compared = specs.read_set(path.parent / data["set"]) if own else specs.matching_set("people")
        release = specs.read_release(path.parent / data["weights"], compared) if own else None
        made = Mapping(compared, data["id"], dict(data["columns"]), dict(data.get("steps", {})), release)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, SpecError) as error:
        raise Invalid(f"{path.name}: {type(error).__name__} {error}") from error
    known = set(TEXTS) if made.is_people else made.set.columns.keys()
    unknown = sorted(made.columns.keys() - known) + sorted(set(made.steps.values()) - STEPS.keys())
    if unknown:
        raise Invalid(f"{path.name}: không biết {', '.join(unknown)}.", advice=f"Có thể dùng: {', '.join(sorted(known))}; {', '.join(STEPS)}.")
    return made


def read_tables(engine: duckdb.DuckDBPyConnection, files: list[Path], mapping: Mapping) -> list[Finding]:
    """Make the tables ``said`` (number, file, id, texts) and ``feature`` of one or two files. Raises Invalid for one that cannot be read."""
    texts = TEXTS if mapping.is_people else tuple(mapping.set.columns)
    engine.execute(
        f"CREATE OR REPLACE TABLE said (number BIGINT, file INT, place BIGINT, id VARCHAR, {', '.join(f'{text} VARCHAR' for text in texts)})"
    )
    for at, path in enumerate(files):
        _read(engine, at, path, mapping, texts)
    if mapping.is_people:
        normalise(engine, mapping.set, "said", "feature")
        engine.execute("CREATE OR REPLACE TABLE feature AS SELECT f.*, s.file FROM feature f JOIN said s USING (number)")
        return [each for at, path in enumerate(files) for each in _findings(engine, at, path, mapping)]
    made = [_own(column, kind, mapping) for column, kind in mapping.set.columns.items()]
    engine.execute(f"CREATE OR REPLACE TABLE feature AS SELECT number, file, {', '.join(made)} FROM said")
    return []


def _own(column: str, kind: str, mapping: Mapping) -> str:
    made = STEPS[mapping.steps.get(column, "words")].format(column)
    return f"try_cast({made} AS INT) AS {column}" if kind == "int" else f"{made} AS {column}"


def _read(engine: duckdb.DuckDBPyConnection, at: int, path: Path, mapping: Mapping, texts: tuple[str, ...]) -> None:
    header = _header(path)
    absent = [column for column in (mapping.id, *mapping.columns.values()) if column not in header]
    if absent:
        raise Invalid(f"{path.name}, dòng 1: không có cột {', '.join(absent)}.", advice=f"Có: {', '.join(header)}.")
    chosen = ", ".join(f"coalesce({_quoted(mapping.columns[text])}, '')" if text in mapping.columns else "''" for text in texts)
    kinds = ", ".join(f"'{column.replace(chr(39), chr(39) * 2)}': 'VARCHAR'" for column in header)
    form = "auto_detect=false, header=true, quote='\"', escape='\"', strict_mode=true, max_line_size=1000000"
    try:
        engine.execute(
            f"""INSERT INTO said SELECT (SELECT count(*) FROM said) + row_number() OVER (), {at}, row_number() OVER (),
            coalesce({_quoted(mapping.id)}, ''), {chosen} FROM read_csv($1, delim=$2, columns={{{kinds}}}, {form})""",
            [str(path), _delimiter(path)],
        )
    except engine_error() as error:
        line = _LINE.search(str(error))
        where = f", dòng {line[1]}" if line else ""
        raise Invalid(f"{path.name}{where}: số cột không khớp tiêu đề hoặc tệp bị cắt cụt.") from None
    _check_ids(engine, at, path, mapping)


def _check_ids(engine: duckdb.DuckDBPyConnection, at: int, path: Path, mapping: Mapping) -> None:
    twice = engine.execute(
        "SELECT min(place), max(place) FROM said WHERE file = $1 GROUP BY id HAVING count(*) > 1 OR id = '' ORDER BY 1 LIMIT 1", [at]
    ).fetchone()
    if twice:
        raise Invalid(
            f"{path.name}, dòng {twice[0] + 1} và {twice[1] + 1}, cột {mapping.id}: mã trống hoặc trùng.", advice="Mỗi dòng cần một mã riêng."
        )


def _header(path: Path) -> list[str]:
    """Check the encoding of the whole file and return its header."""
    _check_encoding(path)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        try:
            found = next(csv.reader(lines, delimiter=_delimiter(path)), [])
        except csv.Error as error:
            raise Invalid(f"{path.name}, dòng 1: {error}.") from None
    if not found or len(set(found)) != len(found):
        raise Invalid(f"{path.name}, dòng 1: không có tiêu đề, hoặc hai cột cùng tên.")
    return found


def _delimiter(path: Path) -> str:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        first = lines.readline(_CHUNK)
    return max(",;\t|", key=first.count)


def _check_encoding(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                if b"\0" in chunk:
                    raise Invalid(f"{path.name}, dòng {line + chunk[: chunk.index(0)].count(10)}: có ký tự NUL; đây không phải tệp CSV UTF-8.")
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    at = line + chunk[: error.start].count(b"\n")
                    raise Invalid(f"{path.name}, dòng {at}: không phải UTF-8.", advice="Lưu lại tệp với bảng mã UTF-8.") from None
                line += chunk.count(b"\n")
            decoder.decode(b"", final=True)
    except OSError as error:
        raise Invalid(f"{path.name}: không đọc được ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise Invalid(f"{path.name}, dòng {line}: bị cắt giữa một ký tự.") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# What is said and cannot be used: rule, text, condition over said (s) and feature (f), words.
_RULES: Final = (
    ("LINK001", "name", "s.name <> '' AND f.name = ''", "họ tên không dùng được (trống nghĩa, hoặc trẻ chưa đặt tên)"),
    ("LINK002", "name", "regexp_matches(s.name, '[<>;{}=]|--')", "họ tên có ký tự của HTML hoặc SQL; đã bỏ qua các ký tự đó"),
    ("LINK003", "birth", "s.birth <> '' AND f.year IS NULL", "ngày sinh không đọc được"),
    ("LINK004", "sex", "s.sex <> '' AND f.sex = ''", "giới tính không đọc được"),
    ("LINK005", "citizen", "s.citizen <> '' AND f.citizen = '' AND f.old = ''", "số định danh không hợp lệ"),
    ("LINK006", "phone", "s.phone <> '' AND f.phone = ''", "số điện thoại không hợp lệ"),
    ("LINK007", "commune", "s.commune <> '' AND f.province = ''", "mã xã không có trong danh mục; chỉ so sánh nguyên văn"),
)


def _findings(engine: duckdb.DuckDBPyConnection, at: int, path: Path, mapping: Mapping) -> list[Finding]:
    found = []
    for rule, text, wrong, vi in _RULES:
        if text not in mapping.columns:
            continue
        rows = engine.execute(
            f"SELECT count(*), min(s.place, {_SHOWN}) FROM said s JOIN feature f USING (number) WHERE s.file = $1 AND {wrong}", [at]
        ).fetchone()
        if rows and rows[0]:
            found.append(Finding(path.name, rule, mapping.columns[text], rows[0], tuple(rows[1]), vi))
    return found
