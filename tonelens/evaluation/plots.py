"""Plots of an evaluation, in SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isnan

from tonelens.evaluation.confidence import Calibration, RiskPoint
from tonelens.evaluation.intervals import Estimate

Point = tuple[float, float]
_SIZE, _LEFT, _TOP, _BOTTOM, _RIGHT = 300, 46, 10, 40, 20  # the axes' length, margins: pixels
_TICKS = 4


def calibration_plot(calibration: Calibration) -> str:
    """SVG of accuracy against confidence, a point and its interval for each bin."""
    parts = [_line([(0, 0), (1, 1)], "ideal")]
    for one in calibration.bins:
        if not isnan(one.accuracy.low):
            parts.append(
                _line(
                    [(one.confidence, one.accuracy.low), (one.confidence, one.accuracy.high)], "bar"
                )
            )
        x, y = _at((one.confidence, one.accuracy.value), 1)
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
    return _plot(parts, "Calibration", "top probability", "right answers", 1)


def risk_coverage_plot(points: Sequence[RiskPoint]) -> str:
    """SVG of the share of wrong answers against the share answered, with its 95% band."""
    top = _ceiling(point.risk for point in points)
    parts = []
    known = [point for point in points if not isnan(point.risk.low)]
    if known:
        rim = [(p.coverage, p.risk.high) for p in known]
        rim += [(p.coverage, p.risk.low) for p in reversed(known)]
        parts.append(f'<polygon class="band" points="{_coordinates(rim, top)}"/>')
    parts.append(_line([(p.coverage, p.risk.value) for p in points], "line", top))
    return _plot(parts, "Risk and coverage", "answered", "wrong answers", top)


def _ceiling(risks: Iterable[Estimate]) -> float:
    """The least tenth that no risk is above."""
    highest = max(risk.value if isnan(risk.high) else risk.high for risk in risks)
    return min(1.0, (int(highest * 10) + 1) / 10)


def _at(point: Point, top: float) -> Point:
    x, y = point
    return _LEFT + x * _SIZE, _TOP + _SIZE - y / top * _SIZE


def _coordinates(points: Sequence[Point], top: float) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(point, top) for point in points))


def _line(points: Sequence[Point], kind: str, top: float = 1) -> str:
    return f'<polyline class="{kind}" points="{_coordinates(points, top)}"/>'


def _plot(parts: Sequence[str], title: str, across: str, up: str, top: float) -> str:
    """The parts within axes from 0 to 1 across and 0 to `top` up."""
    width, height, foot = _LEFT + _SIZE + _RIGHT, _TOP + _SIZE + _BOTTOM, _TOP + _SIZE
    axes = f'<path class="axis" d="M{_LEFT} {_TOP}V{foot}H{_LEFT + _SIZE}"/>'
    ticks = (_tick(i / _TICKS, top) for i in range(_TICKS + 1))
    names = (
        _words(_LEFT + _SIZE / 2, height - 6, across),
        (f'<g transform="translate(12 {_TOP + _SIZE / 2}) rotate(-90)">{_words(0, 0, up)}</g>'),
    )
    label = f"{title}: {up} against {across}"
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {width} {height}" width="{width}">'
        f"{axes}{''.join((*ticks, *names, *parts))}</svg>"
    )


def _tick(share: float, top: float) -> str:
    foot = _TOP + _SIZE
    across = _words(_LEFT + share * _SIZE, foot + 16, f"{share:g}")
    return across + _words(_LEFT - 6, foot - share * _SIZE + 4, f"{share * top:.3g}", "end")


def _words(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>'
