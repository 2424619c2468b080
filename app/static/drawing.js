// Boxes and landmarks over the photo, and the ages as a chart.
const SVG = 'http://www.w3.org/2000/svg'

/** Boxes and landmarks in percent of the photo, so they stay in place when the page is resized. */
export function boxes({ faces, image }, onChoose) {
  return faces.flatMap((face, index) => {
    const { left, top, width, height } = face.box
    const box = place('box', left, top, image)
    box.style.width = percent(width, image.width)
    box.style.height = percent(height, image.height)
    if (faces.length > 1) box.append(element('span', index + 1))
    // the number is above the box, or below it near the photo's top edge
    box.classList.toggle('high', top < image.height / 10)
    const dots = face.landmarks.map(([x, y]) => place('dot', x, y, image))
    for (const part of [box, ...dots]) part.dataset.face = index
    box.addEventListener('click', () => onChoose(index))
    return [box, ...dots]
  })
}

function place(name, left, top, image) {
  const part = element('div')
  part.className = name
  part.style.left = percent(left, image.width)
  part.style.top = percent(top, image.height)
  return part
}

function percent(part, whole) {
  return `${(100 * part / whole).toFixed(2)}%`
}

export function element(name, text = '') {
  const made = document.createElement(name)
  made.textContent = text
  return made
}

/**
 * Draw the probability of each age from 0 to 100 as an area in a 100 × 30 view box, the part inside
 * the range in colour. Returns the most likely age.
 */
export function chart(svg, { age, age_distribution: shares, age_range: [low, high] }) {
  const top = Math.max(...shares)
  const points = shares.map((share, year) => [year, 30 - 28 * share / top])
  const inside = points.filter(([year]) => year >= low && year <= high)
  svg.replaceChildren(
    path('all', area(points)),
    path('inside', area(inside)),
    path('line', line(points)),
    path('tick', `M${age} 30V0`)
  )
  return shares.indexOf(top)
}

function line(points) {
  return `M${points.map(([x, y]) => `${x} ${y.toFixed(2)}`).join('L')}`
}

function area(points) {
  return `${line(points)}L${points.at(-1)[0]} 30H${points[0][0]}Z`
}

function path(name, d) {
  const made = document.createElementNS(SVG, 'path')
  made.setAttribute('class', name)
  made.setAttribute('d', d)
  return made
}
