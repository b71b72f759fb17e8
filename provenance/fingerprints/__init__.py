"""What stands in for a text when it is looked for: segments, folded words, k-gram hashes, ISCC, vectors."""
