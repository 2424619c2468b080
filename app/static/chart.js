// The probability of each age, as a chart.
const SVG = 'http://www.w3.org/2000/svg'

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
