"""Pure statistics: functions of arrays."""
