"""A small plot as SVG text. Colours are classes of the page, so that it can be light or dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 420, 250
LEFT, RIGHT, TOP, BOTTOM = 52, 22, 12, 40
ROW_HEIGHT = 24
TICKS = 5


@dataclass(frozen=True)
class Axis:
    """A range of values along one side of the plot."""

    label: str
    low: float
    high: float
    is_log: bool = False

    @classmethod
    def around(
        cls, label: str, values: Sequence[float], from_zero: bool = False, is_log: bool = False
    ) -> Axis:
        """An axis that holds all values with some air; never of no length."""
        low, high = min(values), max(values)
        if is_log:
            return cls(label, low / 1.5, high * 1.5, True)
        if from_zero:
            return cls(label, 0.0, high * 1.06 or 1.0)
        air = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
        return cls(label, low - air, high + air)

    def share(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high one."""
        if self.is_log:
            return (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Round values within the axis."""
        if self.is_log:
            powers = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
            fits = [m * 10.0**p for p in powers for m in (1, 3) if self.low <= m * 10.0**p]
            return [value for value in fits if value <= self.high]
        step = _round_step((self.high - self.low) / TICKS)
        first = ceil(self.low / step - 1e-9)
        last = floor(self.high / step + 1e-9)
        # 3 * 0.1 is not 0.3 in floating point.
        return [float(f"{index * step:.9g}") for index in range(first, last + 1)]


@dataclass
class Plot:
    """Draw on it, then `svg()`. x and y are in the units of the axes.

    series: a number that picks the colour, 0 to 3. title: read out by screen readers.
    """

    title: str
    x: Axis
    y: Axis
    height: int = HEIGHT
    left: int = LEFT
    _marks: list[str] = field(default_factory=list)

    def line(
        self, points: Sequence[tuple[float, float]], series: int = 0, dashed: bool = False
    ) -> None:
        """A line through the points."""
        path = " ".join(f"{self._px(x):.1f},{self._py(y):.1f}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self._marks.append(f'<polyline class="line s{series}" points="{path}"{dash}/>')

    def bar(self, x_low: float, x_high: float, y_high: float, series: int = 0) -> None:
        """An upright bar from the bottom to y_high."""
        left, right = self._px(x_low), self._px(x_high)
        top, bottom = self._py(y_high), self._py(self.y.low)
        width = max(right - left - 0.8, 0.8)
        self._marks.append(
            f'<rect class="fill s{series}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
            f'height="{max(bottom - top, 0):.1f}"/>'
        )

    def band(self, x_low: float, x_high: float) -> None:
        """A shaded stretch of x over the full height."""
        left, right = self._px(x_low), self._px(x_high)
        self._marks.insert(
            0,
            f'<rect class="band" x="{left:.1f}" y="{TOP}" width="{max(right - left, 1):.1f}" '
            f'height="{self.height - TOP - BOTTOM}"/>',
        )

    def dot(self, x: float, y: float, radius: float = 4, series: int = 0, label: str = "") -> None:
        """A disc, with a label beside it on the side that has room."""
        px, py = self._px(x), self._py(y)
        self._marks.append(
            f'<circle class="fill s{series}" cx="{px:.1f}" cy="{py:.1f}" r="{radius:.1f}"/>'
        )
        if label:
            self.text(x, y, label, to_left=self.x.share(x) > 0.6, shift=radius + 4)

    def rule(self, x: float, label: str = "") -> None:
        """A thin upright line."""
        px = self._px(x)
        self._marks.append(
            f'<line class="rule" x1="{px:.1f}" x2="{px:.1f}" y1="{TOP}" '
            f'y2="{self.height - BOTTOM}"/>'
        )
        if label:
            to_left = self.x.share(x) > 0.6
            self._marks.append(_text(px + (-4 if to_left else 4), TOP + 10, label, to_left))

    def text(self, x: float, y: float, label: str, to_left: bool = False, shift: float = 4) -> None:
        """Words beside a point."""
        px = self._px(x) + (-shift if to_left else shift)
        self._marks.append(_text(px, self._py(y) + 4, label, to_left))

    def svg(self, y_names: Sequence[str] | None = None) -> str:
        """The SVG element. y_names: words instead of figures, for rows at 0, 1, 2, ..."""
        bottom = self.height - BOTTOM
        parts = [
            f'<svg viewBox="0 0 {WIDTH} {self.height}" role="img" '
            f'aria-label="{escape(self.title)}" xmlns="http://www.w3.org/2000/svg">'
        ]
        for value in self.x.ticks():
            px = self._px(value)
            parts.append(
                f'<line class="grid" x1="{px:.1f}" x2="{px:.1f}" y1="{TOP}" y2="{bottom}"/>'
            )
            parts.append(_text(px, bottom + 15, f"{value:g}", anchor="middle"))
        rows = range(len(y_names)) if y_names is not None else self.y.ticks()
        for index, value in enumerate(rows):
            py = self._py(value)
            name = y_names[index] if y_names is not None else f"{value:g}"
            if y_names is None:
                parts.append(
                    f'<line class="grid" x1="{self.left}" x2="{WIDTH - RIGHT}" '
                    f'y1="{py:.1f}" y2="{py:.1f}"/>'
                )
            parts.append(_text(self.left - 5, py + 4, name, to_left=True))
        parts += self._marks
        middle = (self.left + WIDTH - RIGHT) / 2
        parts.append(_text(middle, self.height - 6, self.x.label, anchor="middle"))
        if self.y.label:
            parts.append(_text(4, 10, self.y.label))
        return "".join([*parts, "</svg>"])

    def _px(self, x: float) -> float:
        return self.left + self.x.share(x) * (WIDTH - RIGHT - self.left)

    def _py(self, y: float) -> float:
        # A label of the y axis stands above the highest tick.
        top = TOP + (14 if self.y.label else 0)
        return self.height - BOTTOM - self.y.share(y) * (self.height - BOTTOM - top)


def rows_plot(
    title: str,
    label: str,
    rows: Sequence[tuple[str, float, float, float]],
    from_zero: bool = True,
    mark: float | None = None,
) -> str:
    """Named rows, the first on top: a bar (or, not from zero, a dot) with a whisker.

    rows: name, value, low and high end of the whisker.
    """
    values = [value for _, *three in rows for value in three] + ([] if mark is None else [mark])
    height = TOP + BOTTOM + ROW_HEIGHT * len(rows)
    longest = max(len(name) for name, *_ in rows)
    plot = Plot(
        title,
        Axis.around(label, values, from_zero),
        Axis("", len(rows) - 0.5, -0.5),
        height,
        left=min(12 + round(longest * 7.4), WIDTH // 2),
    )
    for index, (_, value, low, high) in enumerate(rows):
        if from_zero:
            top, bottom = plot._py(index - 0.32), plot._py(index + 0.32)
            plot._marks.append(
                f'<rect class="fill s0" x="{plot.left}" y="{top:.1f}" '
                f'width="{plot._px(value) - plot.left:.1f}" height="{bottom - top:.1f}"/>'
            )
        plot.line([(low, index), (high, index)], series=1 if from_zero else 0)
        if not from_zero:
            plot.dot(value, index)
    if mark is not None:
        plot.rule(mark)
    return plot.svg([name for name, *_ in rows])


def _text(px: float, py: float, words: str, to_left: bool = False, anchor: str = "") -> str:
    anchor = anchor or ("end" if to_left else "start")
    return f'<text x="{px:.1f}" y="{py:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _round_step(rough: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** floor(log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
