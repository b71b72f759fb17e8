"""Snapshots on disk: segments, vectors (FAISS) and k-gram hashes, immutable and mapped into memory."""
