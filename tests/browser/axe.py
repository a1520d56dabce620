"""axe-core on the page as it stands: what it finds serious or critical."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.shared_models import REPOSITORY

SOURCE = REPOSITORY / "static" / "node_modules" / "axe-core" / "axe.min.js"
COLOURS = ("color-contrast", "link-in-text-block")  # the rules that the theme decides
MORE = {"label-content-name-mismatch": {"enabled": True}}  # off in axe; yet people say what they read
RUN = """async ([rules, more]) => {
    const ends = document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
    await Promise.allSettled(ends.map((one) => one.finished))
    const found = await axe.run(document, { resultTypes: ['violations'], ...(rules ? { runOnly: rules } : { rules: more }) })
    return found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical').flatMap((one) =>
        one.nodes.map((node) => `${one.impact} ${one.id}: ${node.target.join(' ')} ${node.failureSummary}`))
}"""


def serious(page: Page, rules: tuple[str, ...] | None = None) -> list[str]:
    """One line for each element that axe finds seriously or critically wrong; what moves has come to rest before. None: all rules."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SOURCE.read_text())
    found: list[str] = page.evaluate(RUN, [list(rules) if rules else None, MORE])
    return found
