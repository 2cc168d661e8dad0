"""Authentication and permissions: people, roles, keys, sessions, invitations and the audit."""
