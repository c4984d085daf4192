"""The organisations and communities, as Mesa agents."""
