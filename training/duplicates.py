"""Duplicates: the same file twice, or the same picture scaled, recoloured or recompressed.

With a duplicate on each side of the split, a network could pass validation by memory. The hash is
taken from the aligned chip, so it also sees through another crop of the photo: 256 bits, the signs
of a cosine transform's low frequencies (Zauner, "Implementation and Benchmarking of Perceptual
Image Hash Functions", 2010). On 40 k faces of three data sets the distance to the nearest other
face has two peaks: copies from 0 to 44 bits, different photos from 52 on.
"""

from collections.abc import Sequence
from itertools import combinations

import faiss
import numpy as np
from PIL import Image
from scipy.fft import dctn
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

NEAR_BITS = 44  # this far apart, copies are still near
SAME_AGE = 5  # years: labels of one photo that are further apart are unusable
SIDE, LOW = 64, 16  # pixels of the transformed picture, frequencies kept in each direction


def perceptual_hash(chip: np.ndarray) -> np.ndarray:
    """(n, n, 3) uint8 RGB -> (32,) uint8, 256 bits."""
    grey = Image.fromarray(chip).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    low = dctn(np.asarray(grey, np.float32), norm="ortho")[:LOW, :LOW].ravel()
    return np.packbits(low > np.median(low))


def copies(hashes: np.ndarray) -> list[np.ndarray]:
    """Groups of two or more rows of `hashes`, (n, 32) uint8, that show the same picture."""
    if not len(hashes):
        return []
    index = faiss.IndexBinaryFlat(hashes.shape[1] * 8)
    index.add(hashes)
    limits, _, found = index.range_search(hashes, NEAR_BITS + 1)  # closer than
    rows = np.repeat(np.arange(len(hashes)), np.diff(limits.astype(int)))
    graph = coo_matrix((np.ones(len(rows), bool), (rows, found)), shape=(len(hashes),) * 2)
    _, group = connected_components(graph, directed=False)
    order = np.argsort(group, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    return [part for part in parts if len(part) > 1]


def reasons(
    groups: Sequence[np.ndarray], digests: Sequence[str], ages: np.ndarray, genders: np.ndarray
) -> list[str]:
    """Why each of n photos is removed, "" where it is kept. Of a picture's copies the first is kept
    if all their labels agree, none if they do not.

    `groups`: from `copies`; `digests`: of the n files; `ages`: (n, 2) years, the first and the
    last that the label allows; `genders`: (n,), -1 unknown.
    """
    why = [""] * len(digests)
    for group in groups:
        agree = labels_agree(ages[group], genders[group])
        for i in group[1:] if agree else group:
            exact = any(digests[i] == digests[j] for j in group if j != i)
            copy = "exact duplicate" if exact else "near duplicate"
            why[i] = copy if agree else "same photo, other label"
    return why


def label_noise(groups: Sequence[np.ndarray], ages: np.ndarray) -> list[float]:
    """Years between the labels of each two copies of a picture, where both name one year: how much
    two labels of the same face differ."""
    return [
        float(abs(ages[i, 0] - ages[j, 0]))
        for group in groups
        for i, j in combinations(group, 2)
        if ages[i, 0] == ages[i, 1] and ages[j, 0] == ages[j, 1]
    ]


def labels_agree(ages: np.ndarray, genders: np.ndarray) -> bool:
    """Whether the ages, (n, 2), lie within `SAME_AGE` years and the known genders are one."""
    apart = ages[:, 0].max() - ages[:, 1].min()
    return bool(apart <= SAME_AGE and len(set(genders[genders >= 0])) <= 1)
