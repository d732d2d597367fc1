"""Pictures as a camera takes them."""

from io import BytesIO

from PIL import Image


def jpeg(color: str = "green", *, size: int = 64) -> bytes:
    """A picture of one color, with a gradient so that it is no blank."""
    file = BytesIO()
    picture = Image.linear_gradient("L").convert("RGB").resize((size, size))
    Image.blend(picture, Image.new("RGB", (size, size), color), 0.5).save(file, "JPEG")
    return file.getvalue()
