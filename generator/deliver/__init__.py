"""Delivery by mail: readers, the message, and the ledger by which every reader gets a letter once and none twice.

It starts from a finished edition on disk. docs/sending.md tells how; docs/readers.md what is kept of readers.
"""
