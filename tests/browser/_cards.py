"""Owns how a test decides an approval card: as a person does, once the card stands still."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

#: Whether the card has stood where it is, with the buttons that it has, for longer than it wants.
STILL = """card => {
    const { top, left, height } = card.getBoundingClientRect();
    const place = [top, left, height].join();
    if (card.still?.place !== place) card.still = { place, since: performance.now() };
    return performance.now() - card.still.since > 450;
}"""


def wait_still(card: Locator) -> None:
    """A card that has just appeared, or moves, hears nothing."""
    expect(card.locator(".lnb-card-actions")).to_be_visible()
    card.page.wait_for_function(STILL, arg=card.element_handle())


def press(card: Locator, name: str) -> None:
    wait_still(card)
    card.get_by_role("button", name=name, exact=True).click()
