"""Readers of files: text, Markdown, HTML, PDF, EPUB, DOCX and JSON Lines to documents.

Every file is taken for hostile: its size, what it unpacks to and how deep it nests are bounded, nothing is loaded from
elsewhere, and no content raises. What can't be read comes as a rejection that says why and what to do about it.
"""

from provenance.adapters.readers.documents import SUFFIXES, read_documents, total_bytes

__all__ = ["SUFFIXES", "read_documents", "total_bytes"]
