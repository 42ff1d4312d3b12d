"""The lake on S3-compatible storage: an exact mirror of the folder it is worked on in, whose manifest is written last and only once."""

from .bucket import Bucket, MirrorDenied, MirrorUnreachable, address, bucket
from .mirroring import Mirrored, faults, last_number, mend, publish, settle

__all__ = ["Bucket", "MirrorDenied", "MirrorUnreachable", "Mirrored", "address", "bucket", "faults", "last_number", "mend", "publish", "settle"]
