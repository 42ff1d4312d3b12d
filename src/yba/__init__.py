"""yba: one lifelong electronic health record for every resident of a Vietnamese province."""
