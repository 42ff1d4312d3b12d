"""Pages for people: thin faces over the rooms below, rendered on the server, usable without JavaScript."""
