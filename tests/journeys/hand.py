"""A hand at a keyboard whose work is counted: five characters a second, one second for a click or a key that leads somewhere; no clock is read."""

CHARACTERS_A_SECOND = 5


class Hand:
    """Does on a page what a person does, and writes down every keystroke and click."""

    def __init__(self, page):
        self.page, self.log = page, []

    def types(self, text):
        """Type into the box one is in."""
        self.log.append(("type", text))
        self.page.keyboard.type(text)

    def scans(self, text):
        """Hold a card to the scanner, which types by itself and ends with Enter: one movement."""
        self.log.append(("scan", ""))
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def presses(self, key):
        """Press a key that leads somewhere."""
        self.log.append(("key", key))
        self.page.keyboard.press(key)

    def clicks(self, locator):
        """Point and click."""
        self.log.append(("click", str(locator)))
        locator.click()

    @property
    def seconds(self):
        """What the log amounts to."""
        return sum(len(what) / CHARACTERS_A_SECOND if kind == "type" else 1 for kind, what in self.log)

    def begins(self):
        """Count from here."""
        self.log.clear()
