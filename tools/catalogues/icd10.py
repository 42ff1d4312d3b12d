"""ICD-10 in both national editions, with groups, markers, edits and dagger/asterisk pairs."""

from __future__ import annotations

from collections import defaultdict

from .base import CatalogueError, Row, Source, concept, flags, unique

FLAGS_TT06 = {
    "c24_never_main": "never_main",
    "c25_discouraged_main": "discouraged_main",
    "c26_not_usable_more_specific_exists": "unusable",
    "c27_cause_of_death_only": "death_only",
}
AGE_PREFIX = "A3."
SEX = {"A4.1": "female", "A4.2": "male"}
MIN_SPLIT = 3


def dotted(plain: str) -> str:
    """``J189`` -> ``J18.9``."""
    return plain if len(plain) <= MIN_SPLIT else f"{plain[:3]}.{plain[3:]}"


def groups(source: Source) -> list[Row]:
    """Chapters and blocks as abstract concepts, each under the smallest group that holds it."""
    chapters = source.rows("icd10/icd10_chapters.csv")
    blocks = source.rows("icd10/icd10_blocks.csv")
    rows = [concept(c["chapter"], c["name_vi"], c["name_en"], abstract="1", kind="chapter", range=c["code_range_qd4469"]) for c in chapters]
    for block in blocks:
        first, last = block["block"].split("-")
        around = [
            other["block"]
            for other in blocks
            if other is not block
            and int(other["level"]) < int(block["level"])
            and other["block"].split("-")[0] <= first
            and last <= other["block"].split("-")[1]
        ]
        around.sort(key=_width)
        parent = around[0] if around else block["chapter"]
        rows.append(concept(block["block"], block["name_vi"], block["name_en"], abstract="1", kind="block", parent=parent))
    return rows


def _width(block: str) -> int:
    first, last = block.split("-")
    return (ord(last[0]) - ord(first[0])) * 100 + int(last[1:3]) - int(first[1:3])


def _smallest_block(code: str, blocks: list[Row], declared: str) -> str:
    """The narrowest block of the group list that holds a three-character code."""
    three = code[:3]
    holding = [b["code"] for b in blocks if b["code"].split("-")[0] <= three <= b["code"].split("-")[1][:3]]
    return min(holding, key=_width, default=declared)


def tt06(source: Source) -> list[Row]:
    """The list of Circular 06/2026/TT-BYT with the rule columns 24-29."""
    top = groups(source)
    blocks = [row for row in top if row["kind"] == "block"]
    rows = list(top)
    for r in source.rows("icd10/icd10_tt06_2026.csv"):
        sex = "female" if r["c28_female"] else "male" if r["c29_male"] else ""
        parent = r["parent"] or _smallest_block(r["code"], blocks, r["block"])
        rows.append(
            concept(
                r["code"],
                r["name_vi"],
                r["name_en"],
                parent=parent,
                marker=r["marker"],
                chapter=r["chapter"],
                block=r["block"],
                sex=sex,
                tt01=r["tt01_2025_appendices"],
                max_days=r["tt26_2025_max_days"],
                note=r["note_vi"],
                vi_source="" if r["name_vi_source"] == "TT06" else r["name_vi_source"],
                **dict(flags(r, FLAGS_TT06)),
            )
        )
    return unique(rows, "icd10 tt06")


def qd4469(source: Source) -> list[Row]:
    """The list of Decision 4469/QD-BYT with its edits (never main, ages, sex)."""
    edits: dict[str, set[str]] = defaultdict(set)
    for edit in source.rows("icd10/icd10_edits_qd4469.csv"):
        edits[edit["code_plain"]].add(edit["appendix"])
    merged: dict[str, Row] = {}
    for r in source.rows("icd10/icd10_qd4469_2020.csv"):
        known = merged.get(r["code"])
        if known is None:
            merged[r["code"]] = dict(r)
        else:  # 82 codes stand twice: a category row and a starred row
            known["marker"] = known["marker"] or r["marker"]
    top = groups(source)
    named = {row["code"] for row in top}
    old = {r["block"]: r["chapter"] for r in merged.values() if r["block"] not in named}
    top += [concept(code, "", abstract="1", kind="block", parent=chapter) for code, chapter in old.items()]  # A90-A99
    blocks = [row for row in top if row["kind"] == "block"]
    rows = list(top)
    for code, r in merged.items():
        mine = edits.get(r["code_plain"], set())
        three = code[:3]
        parent = three if code != three and three in merged else _smallest_block(code, blocks, r["block"])
        ages = ";".join(sorted((e for e in mine if e.startswith(AGE_PREFIX)), key=lambda e: int(e[3:])))
        rows.append(
            concept(
                code,
                r["name_vi"],
                r["name_en"],
                parent=parent,
                marker=r["marker"],
                chapter=r["chapter"],
                block=r["block"],
                never_main="1" if "A2" in mine else "",
                ages=ages,
                sex=next((SEX[e] for e in sorted(mine) if e in SEX), ""),
            )
        )
    return unique([*rows, *_only_in_pairs(source, merged)], "icd10 qd4469")


def _only_in_pairs(source: Source, merged: dict[str, Row]) -> list[Row]:
    """Five-character site codes that sheet A1 uses and sheet ICD10 does not list, under their four-character code."""
    used: dict[str, None] = {}
    for pair in source.rows("icd10/icd10_dagger_asterisk_pairs_qd4469.csv"):
        used |= dict.fromkeys((dotted(pair["dagger"]), dotted(pair["asterisk"])))
    rows = []
    for code in used:
        if code not in merged and code[:5] in merged:
            above = merged[code[:5]]
            rows.append(
                concept(
                    code,
                    "",
                    "",
                    parent=code[:5],
                    chapter=above["chapter"],
                    block=above["block"],
                    marker=above["marker"],
                    only_in_pairs="1",
                )
            )
    return rows


def pairs(source: Source) -> list[Row]:
    """Dagger -> asterisk partners of the 2020 edition."""
    partners: dict[str, list[str]] = defaultdict(list)
    for pair in source.rows("icd10/icd10_dagger_asterisk_pairs_qd4469.csv"):
        target = dotted(pair["asterisk"])
        if target not in partners[dotted(pair["dagger"])]:
            partners[dotted(pair["dagger"])].append(target)
    return [{"code": key, "targets": ";".join(f"{t}|asterisk" for t in values)} for key, values in partners.items()]


def between_editions(source: Source) -> list[Row]:
    """Codes of the 2020 list that live on unchanged in 2026; a dropped code has no target: none was published."""
    old = {r["code"] for r in source.rows("icd10/icd10_qd4469_2020.csv")}
    new = {r["code"] for r in source.rows("icd10/icd10_tt06_2026.csv")}
    changes = source.rows("icd10/icd10_changes_qd4469_to_tt06.csv")
    removed = {c["code"] for c in changes if c["change"] == "removed"}
    added = {c["code"] for c in changes if c["change"] == "added"}
    if old - new != removed or new - old != added:
        message = "icd10: the two lists do not differ as icd10_changes says"
        raise CatalogueError(message)
    return [{"code": code, "targets": f"{code}|same_code" if code in new else ""} for code in sorted(old)]
