"""Claims files in, receipts out: landing, reading, checking, mapping and processing."""
