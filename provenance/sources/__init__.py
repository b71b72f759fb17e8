"""What rights holders register: works, their revisions, who owns them (claims), what a use costs (licences)."""
