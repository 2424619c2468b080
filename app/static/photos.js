// The chosen photos: each has a state, and they are estimated one after the other.
import { estimate, isRetryable, Refusal } from './api.js'
import { prepare } from './photo.js'

export const MOST = 50

const { maxBytes } = document.body.dataset

// { file, credit, state } and what prepare() adds. A state's kind: waiting (step, share), faces
// (answer, chosen), none (answer) or error (code, answer)
export let photos = []
let changed = null
let job = null

/** Replace the photos. `onChange(photo)` is called whenever the state of one has changed. */
export function replace(files, onChange, credit) {
  job?.abort()
  changed = onChange
  photos = [...files].slice(0, MOST).map(file => ({ file, credit, state: waiting('preparing') }))
  return photos
}

/** Instead of any photo, say what went wrong. */
export function fail(code) {
  job?.abort()
  photos = [{ state: { kind: 'error', code } }]
  return photos[0]
}

/** Keep only the photos that have an answer. */
export function cancel() {
  job?.abort()
  photos = photos.filter(({ state }) => state.kind !== 'waiting')
  return photos
}

/** Try this one again, all others for which that may help, and those that wait. Resolves as estimateAll. */
export function retry(photo) {
  const again = ({ kind, code }) => kind === 'waiting' || isRetryable(code)
  return estimateAll(photos.filter(each => each === photo || again(each.state)))
}

/** Resolves to whether all of them have an answer or an error now, not cancelled. */
export async function estimateAll(some) {
  job?.abort()
  const { signal } = job = new AbortController()
  for (const photo of some) change(photo, waiting('preparing'))
  for (const photo of some) {
    if (!signal.aborted) await estimateOne(photo, signal)
  }
  return !signal.aborted
}

async function estimateOne(photo, signal) {
  try {
    Object.assign(photo, await prepare(photo.file))
    signal.throwIfAborted()
    if (photo.small.size > maxBytes) throw new Refusal('too_large')
    change(photo, waiting('sending', 0))
    const onProgress = share => change(photo, waiting(share < 1 ? 'sending' : 'looking', share))
    const answer = await estimate(photo.small, { signal, onProgress })
    change(photo, answer.faces.length ? { kind: 'faces', answer, chosen: 0 } : { kind: 'none', answer })
  } catch ({ code = 'internal', answer }) {
    if (!signal.aborted) change(photo, { kind: 'error', code, answer })
  }
}

function waiting(step, share) {
  return { kind: 'waiting', step, share }
}

function change(photo, state) {
  photo.state = state
  changed(photo)
}
