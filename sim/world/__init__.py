"""What nature does: places, services, approaches, crises."""
