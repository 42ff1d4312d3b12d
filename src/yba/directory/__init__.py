"""Areas by day, and the facilities, departments and practitioners the platform has heard of."""

from .actions import LEVELS, complete_facility, end_facility, ensure_many, load_packaged
from .areas import (
    Area,
    Successor,
    commune,
    commune_of,
    communes_of,
    district,
    district_successors,
    province,
    province_now,
    successors,
)
from .codes import gs1_check_digit, is_facility_code, is_gln
from .model import Department, Ensured, Facility, Known, Practitioner
from .queries import (
    departments_of,
    facilities_at,
    facilities_named,
    facilities_to_complete,
    facility_at,
    facility_by_gln,
    facility_history,
    facility_now,
    practitioner,
)

__all__ = [
    "LEVELS",
    "Area",
    "Department",
    "Ensured",
    "Facility",
    "Known",
    "Practitioner",
    "Successor",
    "commune",
    "commune_of",
    "communes_of",
    "complete_facility",
    "departments_of",
    "district",
    "district_successors",
    "end_facility",
    "ensure_many",
    "facilities_at",
    "facilities_named",
    "facilities_to_complete",
    "facility_at",
    "facility_by_gln",
    "facility_history",
    "facility_now",
    "gs1_check_digit",
    "is_facility_code",
    "is_gln",
    "load_packaged",
    "practitioner",
    "province",
    "province_now",
    "successors",
]
