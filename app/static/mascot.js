// The page's drawn face: it moves to the section in use, and its eyes follow the pointer.
const face = document.getElementById('mascot')
const calm = matchMedia('(prefers-reduced-motion: reduce)')

/** Move it to the first visible seat. */
export function settle() {
  const seats = [...document.querySelectorAll('.seat')]
  seats.find(seat => !seat.closest('[hidden]'))?.append(face)
}

document.addEventListener('pointermove', ({ clientX, clientY }) => {
  if (calm.matches || document.body.dataset.state !== 'idle') return
  const { left, top, width, height } = face.getBoundingClientRect()
  const [x, y] = [clientX - left - width / 2, clientY - top - height / 2]
  const away = Math.max(1, Math.hypot(x, y) / 4)
  face.style.setProperty('--x', `${x / away}px`)
  face.style.setProperty('--y', `${y / away}px`)
})
