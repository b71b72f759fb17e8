"""Snapshots on disk: manifests over immutable shards of segments, vectors (FAISS) and k-grams, mapped into memory."""
