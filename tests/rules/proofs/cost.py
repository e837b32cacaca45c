"""Amounts."""

NOTHING_TO_RUN = {
    "ARC803": "needs 16 GiB of memory; tests/facts holds the count against what autograd saves in small models",
}
