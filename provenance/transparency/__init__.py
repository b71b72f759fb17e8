"""What makes a record tamper-evident: one leaf for each fact, and the Merkle root over all leaves."""
