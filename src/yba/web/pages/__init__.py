"""The pages: each a function of a Visit that declares its right, reads or acts through the rooms, and lays out one template."""
