"""Settings, addresses and the embedded PostgreSQL: the top floor, which may import every other one."""
