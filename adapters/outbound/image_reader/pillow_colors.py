"""Colors in words."""

from collections import Counter
from colorsys import rgb_to_hsv

from PIL import Image

MOST_NAMED = 3
LEAST_SHARE = 0.15
"""Of the picture, for a color to be named."""
_SIDE = 32
_BLACK, _WHITE = 0.2, 0.85
_GRAY = 0.18
_BROWN = 0.65
"""Orange that is darker than this."""
_HUES = (
    (15, "red"),
    (45, "orange"),
    (70, "yellow"),
    (165, "green"),
    (195, "turquoise"),
    (255, "blue"),
    (290, "purple"),
)


def colors_of(picture: Image.Image) -> tuple[str, ...]:
    """The colors that cover most of an RGB picture, most of all first."""
    pixels = picture.resize((_SIDE, _SIDE), Image.Resampling.BOX).tobytes()
    named = Counter(_name(*pixels[place : place + 3]) for place in range(0, len(pixels), 3))
    return tuple(name for name, count in named.most_common(MOST_NAMED) if count >= LEAST_SHARE * _SIDE * _SIDE)


def _name(red: int, green: int, blue: int) -> str:
    hue, saturation, value = rgb_to_hsv(red / 255, green / 255, blue / 255)
    if value < _BLACK:
        return "black"
    if saturation < _GRAY:
        return "white" if value > _WHITE else "gray"
    name = next((name for limit, name in _HUES if hue * 360 < limit), "pink" if hue * 360 < 340 else "red")
    return "brown" if name in {"orange", "red"} and value < _BROWN and hue * 360 < 45 else name
