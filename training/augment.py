"""Random changes to a chip that leave age and gender as they were.

Geometry changes moderately: serving aligns every face, so the network must tolerate errors of the
landmarks, and a little more because faces are few. Colour and sharpness change widely, as with
phones and compression. `strength` scales it all, for runs too short to learn from strongly changed
chips.
"""

import io

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

SHIFT, ROTATION = 0.07, 12.0  # of the chip's side, degrees
SCALE = 0.9, 1.3  # the face grows more than it shrinks: a crop is new, a border is not
COLOUR = 0.4
COARSEST = 0.45  # of the chip's side: a face of 40 pixels
QUALITY = 25, 90  # of JPEG
GREY, SOFT, COARSE, NOISY, COMPRESSED, ERASED = 0.1, 0.2, 0.25, 0.15, 0.35, 0.4  # probabilities


def augment(
    chip: np.ndarray, rng: np.random.Generator, side: int | None = None, strength: float = 1.0
) -> np.ndarray:
    """One random variant of `chip`, (n, n, 3) uint8 RGB, (side, side, 3), or of the same shape.
    `strength`: from 0, the chip or its mirror image, to 1, the full range of the constants."""
    image = _move(Image.fromarray(chip), rng, strength)
    if side and side != image.width:
        image = image.resize((side, side), Image.Resampling.BOX)
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = enhance(image).enhance(1 + strength * rng.uniform(-COLOUR, COLOUR))
    if rng.random() < GREY * strength:
        image = image.convert("L").convert("RGB")
    if rng.random() < SOFT * strength:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.8)))
    if rng.random() < COARSE * strength:
        image = _coarsen(image, rng.uniform(COARSEST, 1))
    if rng.random() < NOISY * strength:
        image = _add_noise(image, rng)
    if rng.random() < COMPRESSED * strength:
        image = _compress(image, int(rng.integers(*QUALITY)))
    pixels = np.array(image)
    if rng.random() < ERASED * strength:
        _erase(pixels, rng)
    return pixels


def _move(image: Image.Image, rng: np.random.Generator, strength: float) -> Image.Image:
    """Flip, rotate, scale and shift in one resampling; the edge is mirrored, never black."""
    side = image.width
    angle = strength * np.deg2rad(rng.uniform(-ROTATION, ROTATION))
    zoom = rng.uniform(*SCALE) ** -strength
    a, b = zoom * np.cos(angle), zoom * np.sin(angle)
    centre = side / 2 + strength * side * rng.uniform(-SHIFT, SHIFT, 2)
    margin = side // 4
    wide = Image.fromarray(
        np.pad(np.asarray(image), ((margin,) * 2, (margin,) * 2, (0, 0)), "reflect")
    )
    if rng.random() < 0.5:
        wide = wide.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    half = side / 2
    x = margin + centre[0] - a * half - b * half
    y = margin + centre[1] + b * half - a * half
    return wide.transform(
        (side, side), Image.Transform.AFFINE, (a, b, x, -b, a, y), Image.Resampling.BILINEAR
    )


def _coarsen(image: Image.Image, scale: float) -> Image.Image:
    """As if the face were smaller in its photo."""
    side = max(1, round(image.width * scale))
    coarse = image.resize((side, side), Image.Resampling.BOX)
    return coarse.resize(image.size, Image.Resampling.BICUBIC)


def _add_noise(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The noise of a sensor in the dark, the same in all three colours."""
    pixels = np.asarray(image)
    noise = rng.standard_normal((*pixels.shape[:2], 1), np.float32) * rng.uniform(2, 12)
    return Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8))


def _compress(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def _erase(pixels: np.ndarray, rng: np.random.Generator) -> None:
    """Random erasing (Zhong et al., 2017): a grey block as large as a hand or a mask."""
    side = pixels.shape[0]
    height, width = rng.integers(side // 8, side // 3, 2)
    top, left = rng.integers(0, side - height), rng.integers(0, side - width)
    pixels[top : top + height, left : left + width] = rng.integers(0, 256)
