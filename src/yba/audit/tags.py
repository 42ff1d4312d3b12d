"""What can be written to the trail: room:thing:verb, in the order of the alphabet; a room adds its own lines here."""

from __future__ import annotations

from enum import StrEnum


class Tag(StrEnum):
    """One kind of act, named by thing and verb, with the room in front where the thing alone would not say which."""

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
    PERSON_MERGE = "identity:person:merge"
    PERSON_READ = "identity:person:read"
    REVIEW_READ = "identity:review:read"
    REVIEW_SETTLE = "identity:review:settle"
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
    INGEST_RECEIPT_READ = "ingest:receipt:read"
    HISTORY_READ = "record:history:read"
    PAGE_READ = "record:page:read"
    RESOURCE_MOVE = "record:resource:move"
    RESOURCE_PUT = "record:resource:put"
    RESOURCE_READ = "record:resource:read"
    RESOURCE_SEARCH = "record:resource:search"
    RESOURCE_TOMBSTONE = "record:resource:tombstone"
