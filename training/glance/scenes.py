"""Photos to learn from, made of the labelled ones: zoomed, pasted into each other, turned, dark."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from model.close_look import AROUND
from model.glance import SIDE, STRIDE, WINDOW
from training.glance.label import Labelled
from training.glance.network import CHANNELS

SMALLEST = 0.6  # of SIDE: whole steps of scaling leave no photo smaller
ASPECTS = (1.0, 3 / 4, 3 / 4, 2 / 3, 9 / 16, 9 / 16, 0.45)
WHOLE, NONE = 0.35, 0.2  # of the scenes; into the others faces are pasted
PARTS = 0.75, 0.4  # of a photo with faces, or without, that a scene shows at least
FACES = 8  # pasted, at most
SIZES = 0.025, 0.7  # of the longer side
PASTED = 1.2, 2.6  # what is pasted, relative to the face
VISIBLE, HIDDEN = 0.6, 0.2  # shares of a face: above, it is one; below, it is none
WINDOWS = 4  # from near, of each photo
NO_FACES = 0.4  # of the photos that are seen from near
BESIDE, LARGER = 0.12, 0.25  # how far a look from near may miss a face, relative to its size
SMALLEST_WINDOW = 24  # pixels of the photo
TINY = 3  # pixels; nobody knows of smaller ones

Faces = np.ndarray  # (n, 5), see training.glance.label


def batch(
    seed: Sequence[int], size: int, faces: Sequence[Labelled], none: Sequence[Labelled]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Whole scenes and windows, (n, side, side, 3) uint8 and what training.glance.network.loss
    wants of each: (2 / 3 * size, SIDE, SIDE) and (WINDOWS * size, WINDOW, WINDOW)."""
    rng = np.random.default_rng(seed)
    scenes = [scene(rng, faces, none) for _ in range(2 * size // 3)]
    near = [window for _ in range(size) for window in windows(rng, faces, none)]
    return [
        (np.stack([p for p, _ in made]), np.stack([targets(f, side) for _, f in made]))
        for made, side in ((scenes, SIDE), (near, WINDOW))
    ]


def scene(
    rng: np.random.Generator, faces: Sequence[Labelled], none: Sequence[Labelled]
) -> tuple[np.ndarray, Faces]:
    """One photo, black below or beside it as the glance sees it, and the faces in it."""
    image, found = composed(rng, faces, none, round(SIDE * rng.uniform(SMALLEST, 1)))
    canvas = np.zeros((SIDE, SIDE, 3), np.uint8)
    canvas[: image.height, : image.width] = np.asarray(image)
    return canvas, found


def composed(
    rng: np.random.Generator, faces: Sequence[Labelled], none: Sequence[Labelled], longer: int
) -> tuple[Image.Image, Faces]:
    """One photo with a longer side of so many pixels, and the faces in it."""
    size = (longer, round(longer * rng.choice(ASPECTS)))
    size = size if rng.random() < 0.4 else size[::-1]
    kind = rng.random()
    if kind < WHOLE:
        image, found = zoomed(rng, _pick(rng, faces), size, PARTS[0])
    else:
        image, found = zoomed(rng, _pick(rng, none), size, PARTS[1])
        if kind < 1 - NONE:
            found = np.concatenate([found, pasted(rng, image, faces)])
    image, found = turned(rng, image, found)
    return changed(rng, image), visible(found, image.size)


def windows(
    rng: np.random.Generator, faces: Sequence[Labelled], none: Sequence[Labelled]
) -> list[tuple[np.ndarray, Faces]]:
    """What the glance sees from near, of one photo: first where a face is, if there is one, then
    anywhere."""
    source = _pick(rng, none if rng.random() < NO_FACES else faces)
    image, found = turned(rng, source.image, source.faces)
    made = []
    for place in range(WINDOWS):
        if place == 0 and len(found):
            x, y, wide, high, _ = found[0]
            side = np.sqrt(wide * high)
            x, y = (x, y) + rng.normal(0, BESIDE, 2) * side
            side *= AROUND * np.exp(rng.uniform(-LARGER, LARGER))
        else:
            x, y = rng.uniform(0, image.size)
            most = max(SMALLEST_WINDOW, min(image.size))
            side = np.exp(rng.uniform(np.log(SMALLEST_WINDOW), np.log(most)))
        x, y = np.clip((x, y), 0, image.size)
        start = np.maximum(0, (x - side / 2, y - side / 2))
        end = np.minimum(image.size, (x + side / 2, y + side / 2))
        part = image.resize((WINDOW, WINDOW), Image.Resampling.BOX, (*start, *end))
        scale = WINDOW / (end - start)
        inside = (found - (*start, 0, 0, 0)) * (*scale, *scale, 1)
        made.append((np.asarray(changed(rng, part)), visible(inside, part.size)))
    return made


def zoomed(
    rng: np.random.Generator, source: Labelled, size: tuple[int, int], least: float
) -> tuple[Image.Image, Faces]:
    """At least this part of the photo in the given size, sometimes mirrored."""
    image = source.image
    most = min(image.width / size[0], image.height / size[1])
    scale = most * rng.uniform(least, 1)
    wide, high = size[0] * scale, size[1] * scale
    left, top = rng.uniform(0, image.width - wide), rng.uniform(0, image.height - high)
    faces = (source.faces - (left, top, 0, 0, 0)) / (scale, scale, scale, scale, 1)
    image = image.resize(size, Image.Resampling.BOX, (left, top, left + wide, top + high))
    if rng.random() < 0.5:
        image, faces = mirrored(image, faces)
    return image, faces


def mirrored(image: Image.Image, faces: Faces) -> tuple[Image.Image, Faces]:
    faces = faces * (-1, 1, 1, 1, -1) + (image.width, 0, 0, 0, 0)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), faces


def pasted(rng: np.random.Generator, scene: Image.Image, sources: Sequence[Labelled]) -> Faces:
    """Paste faces into the scene, each with what is around it, none over another."""
    count = 1 if rng.random() < 0.4 else rng.integers(2, FACES + 1)
    taken, found = np.zeros(scene.size[::-1], bool), []
    for place in range(count):
        source = _pick(rng, sources)
        x, y, wide, high, roll = source.faces[0]
        large = place == 0 and rng.random() < 0.6
        low, most = (0.25, SIZES[1]) if large else SIZES
        side = np.exp(rng.uniform(np.log(low), np.log(most))) * max(scene.size)
        scale, half = side / max(wide, high), rng.uniform(*PASTED) * np.array([wide, high]) / 2
        image = source.image
        area = np.array(
            [
                max(0, x - half[0]),
                max(0, y - half[1]),
                min(image.width, x + half[0]),
                min(image.height, y + half[1]),
            ]
        )
        small = tuple(np.maximum(1, np.rint((area[2:] - area[:2]) * scale)).astype(int))
        patch = image.resize(small, Image.Resampling.BOX, tuple(area))
        faces = np.array([[x - area[0], y - area[1], wide, high, roll]]) * ([scale] * 4 + [1])
        if rng.random() < 0.5:
            patch, faces = mirrored(patch, faces)
        left, top = (
            round(rng.random() * (whole - 0.7 * part) - 0.15 * part)
            for part, whole in zip(patch.size, scene.size, strict=True)
        )
        region = taken[
            max(0, top) : max(0, top + patch.height), max(0, left) : max(0, left + patch.width)
        ]
        if region.any():
            continue
        region[:] = True
        scene.paste(patch, (left, top), _mask(rng, patch.size))
        found.append(faces + np.array((left, top, 0, 0, 0)))
    return np.concatenate(found) if found else np.zeros((0, 5))


def _mask(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Hard edges, or soft ones of an ellipse."""
    if rng.random() < 0.5:
        return Image.new("L", size, 255)
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(max(size) / 30))


def turned(rng: np.random.Generator, image: Image.Image, faces: Faces) -> tuple[Image.Image, Faces]:
    """Many scenes as they are, some on their side, some tilted."""
    kind = rng.random()
    if kind < 0.4:
        return image, faces
    if kind < 0.85:
        angle = rng.uniform(-25, 25) if kind < 0.55 else rng.uniform(-180, 180)
        turn = np.deg2rad(angle)
        centre = np.array(image.size) / 2
        matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        places = (faces[:, :2] - centre) @ matrix + centre
        rolls = faces[:, 4:] + angle
        image = image.rotate(-angle, Image.Resampling.BILINEAR)
        return image, np.hstack([places, faces[:, 2:4], rolls])
    for _ in range(rng.integers(1, 4)):  # a quarter clockwise
        x, y, wide, high, roll = faces.T
        faces = np.stack([image.height - y, x, high, wide, roll + 90], axis=1)
        image = image.transpose(Image.Transpose.ROTATE_270)
    return image, faces


def changed(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Another light, another camera."""
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = enhance(image).enhance(rng.uniform(0.5, 1.5))
    if rng.random() < 0.2:
        image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.08, 0.5))
    if rng.random() < 0.1:
        image = image.convert("L").convert("RGB")
    if rng.random() < 0.2:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2)))
    return image


def visible(faces: Faces, size: tuple[int, int]) -> Faces:
    """The faces that are at least partly in the photo; a sixth column has 1 for those that the
    glance must find, 0 for those of which nobody knows."""
    centre, extent = faces[:, :2], faces[:, 2:4]
    start, end = np.maximum(centre - extent / 2, 0), np.minimum(centre + extent / 2, size)
    share = np.maximum(end - start, 0).prod(axis=1) / np.maximum(extent.prod(axis=1), 1e-6)
    sure = (share > VISIBLE) & (extent.max(axis=1, initial=0) > TINY)
    return np.hstack([faces, sure[:, None]])[share > HIDDEN]


def targets(faces: Faces, side: int = SIDE) -> np.ndarray:
    """(side / STRIDE, side / STRIDE, 8) float32, see training.glance.network.loss."""
    cells = side // STRIDE
    rows, columns = np.mgrid[:cells, :cells]
    wanted = np.zeros((cells, cells, CHANNELS + 1), np.float32)
    wanted[..., CHANNELS] = 1
    for x, y, wide, high, roll, sure in faces:
        across, down = x / STRIDE - 0.5 - columns, y / STRIDE - 0.5 - rows
        if not sure:
            inside = (abs(across) < wide / STRIDE / 2) & (abs(down) < high / STRIDE / 2)
            wanted[inside, CHANNELS] = 0
            continue
        spread = 0.5 + 0.05 * np.array([wide, high]) / STRIDE
        heat = np.exp(-0.5 * ((across / spread[0]) ** 2 + (down / spread[1]) ** 2))
        heat[np.unravel_index(heat.argmax(), heat.shape)] = 1
        nearer = heat > wanted[..., 0]
        turn = np.deg2rad(roll)
        values = np.log(wide / STRIDE), np.log(high / STRIDE), np.sin(turn), np.cos(turn)
        here = np.stack(
            [
                heat,
                *(np.full_like(heat, v) for v in values[:2]),
                across,
                down,
                *(np.full_like(heat, v) for v in values[2:]),
            ],
            axis=-1,
        )
        wanted[nearer, :CHANNELS] = here[nearer]
    return wanted


def _pick(rng: np.random.Generator, sources: Sequence[Labelled]) -> Labelled:
    return sources[int(rng.integers(len(sources)))]
