"""Somebody who works at the desk with the keyboard alone."""

import pytest


class Keyboard:
    """A page, and the hands on the keys. What cannot be reached with them fails the test."""

    def __init__(self, page):
        self.page = page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text):
        self.page.keyboard.type(text)

    def reach(self, target, *, most=120):
        """Go on with Tab to what is looked for."""
        target.first.wait_for()
        element = target.first.element_handle()
        for _stop in range(most):
            if element.evaluate("element => element === document.activeElement"):
                return
            self.press("Tab")
        now = self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        pytest.fail(f"{target} is not within {most} stops; now on {now}")

    def open(self, target):
        """Go to a link or a button, and use it."""
        self.reach(target)
        self.press("Enter")

    def field(self, name):
        """The field of the form that has a name, or the box that searches for it."""
        return self.page.locator(f"[name='{name}'], [id='id_{name}_search']").locator("visible=true")

    def fill(self, name, text):
        """Type into a field over what it holds; a list goes to the choice that is typed."""
        self.reach(self.field(name))
        self.press("Control+a")
        self.type(text)

    def choose(self, name, typed):
        """Type into a field that searches, and take the nearest answer."""
        self.fill(name, typed)
        self.page.locator("[role=option][aria-selected=true]").locator("visible=true").wait_for()
        self.press("Enter")

    def add_row(self, prefix):
        """Go to the link that adds a row; the focus is in the row then. Returns what its names begin with."""
        self.open(self.page.locator(f"[id='{prefix}-group'] .add-row a"))
        return f"{prefix}-{self._last(prefix)}"

    def next_row(self, prefix):
        """From within a row to the next one."""
        self.press("Control+Enter")
        return f"{prefix}-{self._last(prefix)}"

    def _last(self, prefix):
        return int(self.page.locator(f"[name='{prefix}-TOTAL_FORMS']").input_value()) - 1

    def in_window(self, target):
        """Open the window that a link opens, for a record that is missing."""
        self.reach(target)
        with self.page.expect_popup() as opened:
            self.press("Enter")
        opened.value.wait_for_load_state()
        return Keyboard(opened.value)

    def said(self):
        return self.page.locator(".messagelist li").all_inner_texts()
