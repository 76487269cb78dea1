#!/usr/bin/env python3
"""Draws what a terminal showed as an SVG for the README:

    ./dev demo --fresh 2>&1 | tests/demo/picture.py './dev demo' > docs/demo.svg
"""
import sys
from xml.sax.saxutils import escape

COLUMN_PX, LINE_PX, MARGIN_PX = 7.8, 18, 16
BACKGROUND, TEXT, COMMAND = "#14171c", "#d5dae2", "#7fd18a"


def main() -> None:
    lines = ["$ " + sys.argv[1]] + [line.rstrip("\n") for line in sys.stdin]
    width = 2 * MARGIN_PX + COLUMN_PX * max(map(len, lines))
    height = 2 * MARGIN_PX + LINE_PX * len(lines)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
          f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="monospace" font-size="13">')
    print(f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>')
    for index, line in enumerate(lines):
        y = MARGIN_PX + LINE_PX * (index + 0.75)
        colour = COMMAND if index == 0 else TEXT
        print(f'<text x="{MARGIN_PX}" y="{y:.0f}" fill="{colour}" xml:space="preserve">{escape(line)}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
