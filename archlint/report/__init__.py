"""Reports: findings with their source for people, lines and records for programs."""
