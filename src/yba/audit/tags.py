"""What can be written to the trail: room:thing:verb, in the order of the alphabet; a room adds its own lines here."""

from __future__ import annotations

from enum import StrEnum


class Tag(StrEnum):
    """One kind of act. The part after the room names it in code: Tag.THING_VERB."""

    CLIENT_ADD = "accounts:client:add"
    CLIENT_DISABLE = "accounts:client:disable"
    CLIENT_RESET = "accounts:client:reset"
    SIGN_IN = "accounts:sign:in"
    SIGN_IN_REFUSED = "accounts:sign:in-refused"
    TRAIL_READ = "audit:trail:read"
    FACILITY_CREATE = "directory:facility:create"
    FACILITY_UPDATE = "directory:facility:update"
    INTAKE_REFUSED = "gateway:intake:refused"
    INTAKE_REPLY = "gateway:intake:reply"
    PERSON_FIND = "identity:person:find"
    PERSON_READ = "identity:person:read"
    REVIEW_READ = "identity:review:read"
    REVIEW_SETTLE = "identity:review:settle"
    CLAIM_ACCEPT = "ingest:claim:accept"
    CLAIM_EXPORT = "ingest:claim:export"
    CLAIM_REJECT = "ingest:claim:reject"
    CLAIM_REPLACE = "ingest:claim:replace"
    CLAIM_REPLAY = "ingest:claim:replay"
    CLAIM_WITHDRAW = "ingest:claim:withdraw"
    MESSAGE_LAND = "ingest:message:land"
    MESSAGE_REFUSE = "ingest:message:refuse"
    MESSAGE_WITHDRAW = "ingest:message:withdraw"
    ORIGINAL_DESTROY = "ingest:original:destroy"
    ORIGINAL_OPEN = "ingest:original:open"
    RECEIPT_READ = "ingest:receipt:read"
    HISTORY_READ = "record:history:read"
    PAGE_READ = "record:page:read"
    RESOURCE_PUT = "record:resource:put"
    RESOURCE_READ = "record:resource:read"
    RESOURCE_SEARCH = "record:resource:search"
    RESOURCE_TOMBSTONE = "record:resource:tombstone"
