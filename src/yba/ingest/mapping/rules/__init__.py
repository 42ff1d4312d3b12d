"""The rules: for each table, which kind a row is and what it shows up as besides the homes of its fields."""
