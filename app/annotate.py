"""Draws the faces of an answer into their photo: a frame around each, with age and gender."""

from math import ceil

from PIL import Image, ImageDraw, ImageFont

WHITE, SHADE, INK, ACCENT = (255, 255, 255), (0, 0, 0, 110), (29, 37, 48), (180, 68, 31)
LABEL = (255, 255, 255, 235)
SMOOTH = 2  # drawn this many times larger, then reduced: Pillow's lines have hard edges
# height of the figures: relative to the face's width, and limits relative to the photo
FIGURES, SMALLEST, LARGEST = 0.26, 0.014, 0.06


def annotated(photo: Image.Image, faces: list[dict], scale: float) -> Image.Image:
    """A copy of the photo with its faces, as in `POST /v1/faces`. `scale`: their pixels per pixel
    of `photo`."""
    layer = Image.new("RGBA", (photo.width * SMOOTH, photo.height * SMOOTH))
    draw = ImageDraw.Draw(layer)
    side = max(layer.size)
    boxes = [
        [face["box"][name] * SMOOTH / scale for name in ("left", "top", "width", "height")]
        for face in faces
    ]
    for box in boxes:
        _frame(draw, box, max(2 * SMOOTH, side / 500))
    for face, box in zip(faces, boxes, strict=True):  # labels above all frames
        height = min(max(FIGURES * box[2], SMALLEST * side, 9 * SMOOTH), LARGEST * side)
        _label(draw, box, layer.size, face, height)
    return Image.alpha_composite(photo.convert("RGBA"), layer.reduce(SMOOTH)).convert("RGB")


def _frame(draw: ImageDraw.ImageDraw, box: list[float], line: float) -> None:
    left, top, width, height = box
    radius = min(width, height) / 8
    for grow, colour, thick in ((line * 0.4, SHADE, line * 1.8), (0.0, WHITE, line)):
        draw.rounded_rectangle(
            (left - grow, top - grow, left + width + grow, top + height + grow),
            radius + grow,
            outline=colour,
            width=ceil(thick),
        )


def _label(
    draw: ImageDraw.ImageDraw, box: list[float], size: tuple[int, int], face: dict, height: float
) -> None:
    """Above the face, below it at the photo's upper edge, and never beyond an edge."""
    text, font = str(round(face["age"])), ImageFont.load_default(height)
    sign, pad = height * 0.62, height * 0.42
    width, tall = font.getlength(text) + sign + 3 * pad, height * 1.5
    left = min(max(box[0] + box[2] / 2 - width / 2, 0), size[0] - width)
    top = box[1] - tall - height * 0.25
    if top < 0:
        top = min(box[1] + box[3] + height * 0.25, size[1] - tall)
    edge = height * 0.07
    draw.rounded_rectangle(
        (left - edge, top - edge, left + width + edge, top + tall + edge), tall / 2, SHADE
    )
    draw.rounded_rectangle((left, top, left + width, top + tall), tall / 2, LABEL)
    middle = top + tall / 2
    _sign(draw, left + pad * 1.1, middle, sign, face["gender"] == "Female")
    draw.text((left + pad * 1.6 + sign, middle), text, INK, font, anchor="lm")


def _sign(draw: ImageDraw.ImageDraw, left: float, middle: float, size: float, female: bool) -> None:
    """The signs of Venus and Mars, in a square of `size`; few fonts have them."""
    line, round_ = max(1, round(size / 6)), size * 0.34
    x, y = left + size / 2, middle + (-size * 0.16 if female else size * 0.14)
    if not female:
        x -= size * 0.14
    draw.ellipse((x - round_, y - round_, x + round_, y + round_), outline=ACCENT, width=line)
    if female:
        foot = middle + size * 0.62
        draw.line((x, y + round_ - line / 2, x, foot), ACCENT, line)
        bar = (y + round_ + foot) / 2 + line / 4
        draw.line((x - size * 0.22, bar, x + size * 0.22, bar), ACCENT, line)
        return
    tip_x, tip_y = left + size, middle - size / 2
    start = round_ * 0.7071
    draw.line((x + start, y - start, tip_x - line / 2, tip_y + line / 2), ACCENT, line)
    draw.line(
        ((tip_x - size * 0.36, tip_y), (tip_x, tip_y), (tip_x, tip_y + size * 0.36)), ACCENT, line
    )
