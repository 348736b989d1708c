"""Statistical formulas: functions of arrays."""
