// Where the ages of many faces are written: beside their boxes, inside the photo, clear of each other.
const GAP = 2
const ROUNDS = 8
// what a place costs, per share of the label that lies on something
const ON_LABEL = 100
const ON_FACE = 3
const ON_OWN_FACE = 2

/**
 * A place for each label. `boxes`: { left, top, width, height }, the most important first; `sizes`:
 * { width, height } of each label; `area`: { width, height } of the photo, all in the same unit.
 * Returns [{ left, top, width, height, clear }]; `clear` is false where a label before it is in the way.
 */
export function place(boxes, sizes, area) {
  const options = boxes.map((box, index) => candidates(box, sizes[index], area))
  const labels = options.map(([first]) => first)
  for (let round = 0, moved = true; moved && round < ROUNDS; round++) {
    moved = false
    for (const [index, places] of options.entries()) {
      const best = cheapest(places, index, labels, boxes)
      moved ||= best !== labels[index]
      labels[index] = best
    }
  }
  return clear(labels)
}

// Above the box, below it, beside it, or on its edge; the preferred ones first.
function candidates({ left, top, width, height }, size, area) {
  const centre = left + (width - size.width) / 2
  const middle = top + (height - size.height) / 2
  const right = left + width
  const across = [centre, left, right - size.width, centre - size.width / 2, centre + size.width / 2]
  const rows = [top - size.height - GAP, top + height + GAP, top + height - size.height, top]
  const beside = [[left - size.width - GAP, middle], [right + GAP, middle]]
  return [...rows.flatMap(y => across.map(x => [x, y])), ...beside].map(([x, y]) => ({
    left: Math.max(0, Math.min(area.width - size.width, x)),
    top: Math.max(0, Math.min(area.height - size.height, y)),
    ...size
  }))
}

function cheapest(places, own, labels, boxes) {
  let [best, lowest] = [null, Infinity]
  for (const [rank, place] of places.entries()) {
    let cost = rank / places.length
    for (let other = 0; other < boxes.length && cost < lowest; other++) {
      if (other !== own) cost += ON_LABEL * overlap(place, labels[other])
      cost += (other === own ? ON_OWN_FACE : ON_FACE) * overlap(place, boxes[other])
    }
    if (cost < lowest) [best, lowest] = [place, cost]
  }
  return best
}

/** The share of `label` that lies on `other`. */
function overlap(label, other) {
  const across = Math.min(label.left + label.width, other.left + other.width) - Math.max(label.left, other.left)
  const down = Math.min(label.top + label.height, other.top + other.height) - Math.max(label.top, other.top)
  return across > 0 && down > 0 ? across * down / (label.width * label.height) : 0
}

function clear(labels) {
  const kept = []
  return labels.map(label => {
    const isClear = !kept.some(other => overlap(label, other))
    if (isClear) kept.push(label)
    return { ...label, clear: isClear }
  })
}
