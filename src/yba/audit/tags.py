"""What can be written to the trail: room:thing:verb, in the order of the alphabet; a room adds its own lines here."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Store(StrEnum):
    """The two logs, kept apart (BAOMAT-CB-R22): what was done with health data, and what keeps the doors."""

    RECORD_ACCESS = "record_access"
    SECURITY = "security"


class Tag(StrEnum):
    """One kind of act, named by thing and verb, with the room in front where the thing alone would not say which."""

    EMERGENCY_OPEN = "access:emergency:open"
    EMERGENCY_READ = "access:emergency:read"
    EMERGENCY_REVIEW = "access:emergency:review"
    NOTICE_READ = "access:notice:read"
    RELATION_READ = "access:relation:read"
    RIGHT_REFUSED = "access:right:refused"
    ACCOUNT_ADD = "accounts:account:add"
    ACCOUNT_ASSIGN = "accounts:account:assign"
    ACCOUNT_DISABLE = "accounts:account:disable"
    ACCOUNT_END = "accounts:account:end"
    ACCOUNT_READ = "accounts:account:read"
    ACCOUNT_RESET = "accounts:account:reset"
    CLIENT_ADD = "accounts:client:add"
    CLIENT_DISABLE = "accounts:client:disable"
    CLIENT_RESET = "accounts:client:reset"
    FACTOR_ADD = "accounts:factor:add"
    FACTOR_REMOVE = "accounts:factor:remove"
    NETWORK_WRITE = "accounts:network:write"
    PASSWORD_CHANGE = "accounts:password:change"  # noqa: S105  # a tag
    ACCOUNTS_REVIEW_DECIDE = "accounts:review:decide"
    ACCOUNTS_REVIEW_OPEN = "accounts:review:open"
    ACCOUNTS_REVIEW_SIGN = "accounts:review:sign"
    SIGN_IN = "accounts:sign:in"
    SIGN_IN_REFUSED = "accounts:sign:in-refused"
    SIGN_OUT = "accounts:sign:out"
    TOKEN_ADD = "accounts:token:add"  # noqa: S105  # a tag
    TOKEN_END = "accounts:token:end"  # noqa: S105  # same
    LOOKS_ANSWER = "audit:looks:answer"
    LOOKS_READ = "audit:looks:read"
    LOOKS_REPORT = "audit:looks:report"
    STORE_ARCHIVE = "audit:store:archive"
    STORE_EXPORT = "audit:store:export"
    STORE_VERIFY = "audit:store:verify"
    TRAIL_READ = "audit:trail:read"
    CLAIM_WRITE = "care:claim:write"
    HOUSEHOLD_WRITE = "care:household:write"
    PERSON_REGISTER = "care:person:register"
    RESULT_READ = "care:result:read"
    VISIT_CANCEL = "care:visit:cancel"
    VISIT_CLOSE = "care:visit:close"
    VISIT_START = "care:visit:start"
    VISIT_WRITE = "care:visit:write"
    WORK_READ = "care:work:read"
    FACILITY_CREATE = "directory:facility:create"
    FACILITY_UPDATE = "directory:facility:update"
    DRAFT_DROP = "forms:draft:drop"
    DRAFT_OPEN = "forms:draft:open"
    FORM_ADD = "forms:form:add"
    FORM_PUBLISH = "forms:form:publish"
    FORMS_RECORD_READ = "forms:record:read"
    INTAKE_REFUSED = "gateway:intake:refused"
    INTAKE_REPLY = "gateway:intake:reply"
    IDENTIFIER_CANCEL = "identity:identifier:cancel"
    IDENTIFIER_WRITE = "identity:identifier:write"
    PERSON_DECLINE = "identity:person:decline"
    PERSON_FIND = "identity:person:find"
    PERSON_MERGE = "identity:person:merge"
    PERSON_PROPOSE = "identity:person:propose"
    PERSON_READ = "identity:person:read"
    PERSON_RELINK = "identity:person:relink"
    PERSON_SPLIT = "identity:person:split"
    PERSON_UNDO = "identity:person:undo"
    REGISTER_ASK = "identity:register:ask"
    REGISTER_READ = "identity:register:read"
    REVIEW_READ = "identity:review:read"
    REVIEW_SETTLE = "identity:review:settle"
    TEMPORARY_GIVE = "identity:temporary:give"
    UNKNOWN_IDENTIFY = "identity:unknown:identify"
    UNKNOWN_NOTIFY = "identity:unknown:notify"
    UNKNOWN_READ = "identity:unknown:read"
    UNKNOWN_REGISTER = "identity:unknown:register"
    WEIGHTS_TRAIN = "identity:weights:train"
    INGEST_CLAIM_ACCEPT = "ingest:claim:accept"
    INGEST_CLAIM_EXPORT = "ingest:claim:export"
    INGEST_CLAIM_REJECT = "ingest:claim:reject"
    INGEST_CLAIM_REPLACE = "ingest:claim:replace"
    INGEST_CLAIM_REPLAY = "ingest:claim:replay"
    INGEST_CLAIM_WITHDRAW = "ingest:claim:withdraw"
    INGEST_MESSAGE_LAND = "ingest:message:land"
    INGEST_MESSAGE_REFUSE = "ingest:message:refuse"
    INGEST_MESSAGE_WITHDRAW = "ingest:message:withdraw"
    INGEST_ORIGINAL_DESTROY = "ingest:original:destroy"
    INGEST_ORIGINAL_OPEN = "ingest:original:open"
    INGEST_ORIGINAL_REFUSED = "ingest:original:refused"
    INGEST_RECEIPT_READ = "ingest:receipt:read"
    INGEST_RECEIPT_REFUSED = "ingest:receipt:refused"
    INGEST_TRUST_ADD = "ingest:trust:add"
    KEY_MANAGE = "operations:key:manage"
    HISTORY_READ = "record:history:read"
    INDEX_ADD = "record:index:add"
    INDEX_REMOVE = "record:index:remove"
    PAGE_PRINT = "record:page:print"
    PAGE_READ = "record:page:read"
    RESOURCE_MOVE = "record:resource:move"
    RESOURCE_PUT = "record:resource:put"
    RESOURCE_READ = "record:resource:read"
    RESOURCE_SEARCH = "record:resource:search"
    RESOURCE_TOMBSTONE = "record:resource:tombstone"
    LAKE_COMPACT = "warehouse:lake:compact"
    LAKE_READ = "warehouse:lake:read"
    LAKE_REFRESH = "warehouse:lake:refresh"
    MEASURE_READ = "warehouse:measure:read"


# Accounts, rights, refusals, configuration, keys. A tag that is not named here is about health data.
_OF_SECURITY: Final = ("accounts:", "directory:", "operations:", "audit:store:", "ingest:trust:")
_REFUSED: Final = ("refused",)
SECURITY: Final = frozenset(tag for tag in Tag if tag.value.startswith(_OF_SECURITY) or tag.value.endswith(_REFUSED))


def store_of(tag: Tag) -> Store:
    """Say which of the two logs an act belongs to."""
    return Store.SECURITY if tag in SECURITY else Store.RECORD_ACCESS
