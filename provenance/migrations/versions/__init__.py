"""One file a revision, with what it needs in a package of the same name."""
