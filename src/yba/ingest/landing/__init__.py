"""Landing: keep what arrives, cut it into claims, seal it."""
