"""Lists of the insurance claims: visit types, departments, objects, services, medicines, people."""

from __future__ import annotations

from .base import Row, Source, concept, unique

MORE_DEPARTMENTS = {"K99": "Khoa điều trị bệnh truyền nhiễm nhóm A"}
SUB_DEPARTMENTS = ("K16.1", "K16.2", "K16.3", "K22.1", "K59.1", "K59.2")
LAST_DEPARTMENT = 60
OLD_VISIT_TYPES = 10
NEW_VISIT_TYPES = 16
OLD_OBJECTS = {  # spec/claims-xml/codes.csv: codes of QĐ 824/2023 that the list of 2025 dropped
    "1.8": "Người bệnh lao chuyển đúng tuyến (TT 04/2016)",
    "1.9": "Người bệnh HIV/AIDS",
    "1.10": "Người bệnh COVID-19",
    "3.4": "",
    "3.5": "Tự đến ngoại trú cơ sở tuyến tỉnh",
    "3.7": "",
    "7.1": "Người bệnh tự đến lĩnh thuốc theo giấy hẹn",
}


def visit_types_824(source: Source) -> list[Row]:
    """Visit types 01-10 of QD 824/2023."""
    return [row for row in visit_types_1804(source) if int(row["code"]) <= OLD_VISIT_TYPES]


def visit_types_1804(source: Source) -> list[Row]:
    """The 16 visit types of QD 1804/2026; 99 of the gathered list belongs to school checks and is left out."""
    rows = source.rows("codes/ma_loai_kcb.csv")
    return unique((concept(r["code"], r["name"]) for r in rows if int(r["code"]) <= NEW_VISIT_TYPES), "visit type")


def departments_old(source: Source) -> list[Row]:
    """Departments K01-K47 in use before QD 1804."""
    return unique((concept(r["code"], r["name"]) for r in source.rows("codes/ma_khoa.csv")), "department")


def departments_1804(source: Source) -> list[Row]:
    """K01-K60, K99 and the sub-codes of QD 1804; the names of K48-K60 and of the sub-codes were not found."""
    rows = departments_old(source)
    known = {row["code"] for row in rows}
    rows += [concept(f"K{n:02d}", "") for n in range(1, LAST_DEPARTMENT + 1) if f"K{n:02d}" not in known]
    rows += [concept(code, name) for code, name in MORE_DEPARTMENTS.items()]
    rows += [concept(code, "", parent=code.split(".", 1)[0]) for code in SUB_DEPARTMENTS]
    return unique(rows, "department 1804")


def objects_3276(source: Source) -> list[Row]:
    """The 27 object codes of QD 3276/2025 in the order that decides which one applies."""
    merged: dict[str, Row] = {}
    for r in source.rows("codes/ma_doi_tuong_kcb.csv"):
        if r["ma"] not in merged:
            merged[r["ma"]] = concept(r["ma"], r["ten"], benefit=r["ghi_chu"], rank=str(len(merged) + 1))
    return unique(merged.values(), "object 3276")


def objects_824(source: Source) -> list[Row]:
    """Object codes met in claims before 2025-07-01: those of 2025 and the ones dropped then."""
    rows = [{k: v for k, v in row.items() if k not in {"benefit", "rank"}} for row in objects_3276(source)]
    rows += [concept(code, name) for code, name in OLD_OBJECTS.items()]
    return unique(rows, "object 824")


def fuels(source: Source) -> list[Row]:
    """Fuel codes by region, from QD 3276/2025 annex 2."""
    seen: dict[str, Row] = {}
    for r in source.rows("codes/ma_nhien_lieu_qd3276.csv"):
        same = r["ma_vung1"] == r["ma_vung2"]
        for region, column in (("1", "ma_vung1"), ("2", "ma_vung2")):
            seen.setdefault(r[column], concept(r[column], r["loai"], region="" if same else region))
    return unique(seen.values(), "fuel")


def ethnic_groups(source: Source) -> list[Row]:
    """54 peoples, foreigner and unknown."""
    return unique((concept(r["code"], r["name"]) for r in source.rows("codes/ethnic_groups.csv")), "ethnic")


def occupations(source: Source) -> list[Row]:
    """Occupation codes of levels 1 and 2."""
    return unique(
        (
            concept(r["code"], r["name"], level=r["level"], parent=r["code"][0] if r["level"] == "2" else "")
            for r in source.rows("codes/occupations_level2.csv")
        ),
        "occupation",
    )


def countries(source: Source) -> list[Row]:
    """ISO 3166: alpha-2 is the code, alpha-3 and the number are other spellings."""
    return unique(
        (
            concept(r["alpha2"], r["name_vi"], r["name_en"], alias=f"{r['alpha3']};{r['numeric']}", alpha3=r["alpha3"], numeric=r["numeric"])
            for r in source.rows("codes/countries.csv")
        ),
        "country",
    )


def religions(source: Source) -> list[Row]:
    """Recognised religions under local codes."""
    return unique((concept(r["code_local"], r["name"]) for r in source.rows("codes/religions.csv")), "religion")


def services(source: Source) -> list[Row]:
    """Service codes of QD 7603 annex 1."""
    return unique(
        (
            concept(
                r["ma_tuong_duong"],
                r["ten_dvkt"],
                tt43=r["ma_tt43"],
                level=r["phan_tuyen"],
                surgery=r["phan_loai_pttt"],
                specialty=r["chuyen_khoa"],
                price_code=r["ma_lien_thong_gia"],
                price_name=r["ten_tt39"],
                price_2018=r["gia_tt39_vnd"],
                technique=r["ma_ky_thuat_tt23"],
            )
            for r in source.rows("services/dvkt_qd7603_pl1.csv")
        ),
        "service",
    )


def techniques(source: Source) -> list[Row]:
    """Techniques of TT 23/2024 annex 1."""
    return unique(
        (concept(r["ma_ky_thuat"], r["ten_ky_thuat"], chapter=r["chuong"]) for r in source.rows("services/ky_thuat_tt23_pl1.csv")),
        "technique",
    )


def icd9cm(source: Source) -> list[Row]:
    """ICD-9-CM volume 3 in Vietnamese."""
    return unique(
        (concept(r["code"], r["name_vi"], chapter=r["chapter_vi"]) for r in source.rows("services/icd9cm_vol3_vi.csv")),
        "icd9cm",
    )


def service_to_icd9cm(source: Source) -> list[Row]:
    """Service -> ICD-9-CM by QD 4440/2020; a service without a code there has no target."""
    targets: dict[str, list[str]] = {}
    for r in source.rows("services/dvkt_to_icd9cm_map_qd4440.csv"):
        mine = targets.setdefault(r["ma_tuong_duong"], [])
        if r["icd9cm"] and r["icd9cm"] not in mine:
            mine.append(r["icd9cm"])
    return [{"code": code, "targets": ";".join(f"{t}|relatedto" for t in values)} for code, values in targets.items()]


def service_to_technique(source: Source) -> list[Row]:
    """Service -> technique of TT 23/2024; links were recomputed by name, so never called exact."""
    return [
        {"code": r["ma_tuong_duong"], "targets": f"{r['ma_ky_thuat_tt23']}|relatedto" if r["ma_ky_thuat_tt23"] else ""}
        for r in source.rows("services/dvkt_qd7603_pl1.csv")
    ]


def scopes(source: Source) -> list[Row]:
    """Scopes of practice of the insurer (2024)."""
    return unique(
        (concept(r["ma_pham_vi"], r["chuc_danh"], group=r["nhom"]) for r in source.rows("services/pham_vi_hanh_nghe_bhxh.csv")),
        "scope",
    )


def drugs(source: Source) -> list[Row]:
    """Registered medicines by registration number."""
    return unique(
        (
            concept(
                r["so_dang_ky"],
                r["ten_thuoc"],
                ingredient=r["ma_hoat_chat"],
                ingredient_name=r["ten_hoat_chat"],
                route=r["ma_duong_dung"],
                strength=r["ham_luong"],
                pack=r["dong_goi"],
                maker=r["hang_sx"],
                country=r["nuoc_sx"],
            )
            for r in source.rows("drugs/registered_drugs_byt.csv")
        ),
        "drug",
    )


def ingredients(source: Source) -> list[Row]:
    """Active-ingredient codes."""
    return unique(
        (concept(r["ma_hoat_chat"], r["ten_hoat_chat"], seen_in=r["name_source"]) for r in source.rows("drugs/active_ingredients.csv")),
        "ingredient",
    )


def routes(source: Source) -> list[Row]:
    """Routes of administration."""
    return unique(
        (concept(r["ma_duong_dung"], r["ten"], unverified="" if r["check"].startswith("observed") else "1") for r in source.rows("drugs/routes.csv")),
        "route",
    )


def facilities_hanoi(source: Source) -> list[Row]:
    """Facility codes of Ha Noi as the insurer listed them before the reform of 2025."""
    return unique(
        (
            concept(
                r["ma_cskcb"],
                r["ten"],
                province=r["ma_tinh"],
                old_district=r["quan_huyen_cu"],
                address=r["dia_chi"],
                kind=r["loai_guess"],
            )
            for r in source.rows("facilities/facility_codes_hanoi.csv")
        ),
        "facility",
    )
