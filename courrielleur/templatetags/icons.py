"""The shapes beside the words: drawn on a 16 × 16 grid, inherit colour and size, hidden from screen readers."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_SHAPES = {
    "check": '<path d="m3 8.5 3.2 3.2L13 4.8"/>',
    "cross": '<path d="m4 4 8 8m0-8-8 8"/>',
    "stop": '<rect class="solid" x="3" y="3" width="10" height="10" rx="1.5"/>',
    "pause": '<path d="M5.5 3.5v9m5-9v9"/>',
    "eye": '<path d="M1.5 8s2.4-4.2 6.5-4.2S14.5 8 14.5 8s-2.4 4.2-6.5 4.2S1.5 8 1.5 8z"/>'
    '<circle class="solid" cx="8" cy="8" r="1.7"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.3 1.5"/>',
    "dots": '<g class="solid"><circle cx="3" cy="8" r="1.4"/><circle cx="8" cy="8" r="1.4"/>'
    '<circle cx="13" cy="8" r="1.4"/></g>',
    "inbox": '<path d="M2 9.5 4 3.5h8l2 6v3H2zm0 0h3.5l1 1.5h3l1-1.5H14"/>',
    "urgent": '<path d="M8 2.5v7"/><circle class="solid" cx="8" cy="13" r="1.3"/>',
    "up": '<path d="M8 13V3.5m-4 4 4-4 4 4"/>',
    "down": '<path d="M8 3v9.5m-4-4 4 4 4-4"/>',
    "level": '<path d="M3 8h10"/>',
    "half": '<circle cx="8" cy="8" r="6"/><path class="solid" d="M8 2a6 6 0 0 1 0 12z"/>',
    "menu": '<path d="M2.5 4h11m-11 4h11m-11 4h11"/>',
    "person": '<circle cx="8" cy="5.5" r="2.7"/><path d="M2.8 13.8c.6-2.8 2.6-4.2 5.2-4.2s4.6 1.4 5.2 4.2"/>',
    "note": '<circle cx="8" cy="8" r="6"/><path d="M8 7.5v3.2"/><circle class="solid" cx="8" cy="5" r=".9"/>',
    "warn": '<path d="M8 2.2 14.5 13.5h-13z"/><path d="M8 6.5v3"/><circle class="solid" cx="8" cy="11.5" r=".8"/>',
}


def draw(name: str) -> SafeString:
    """Return the drawing of *name*. Raises `KeyError` for a shape that isn't there."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(_SHAPES[name]),  # noqa: S308 — our own constant above
    )
