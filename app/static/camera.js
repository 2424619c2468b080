// The webcam: a preview in a dialog, until a photo is taken or the dialog is closed.
import { Refusal } from './api.js'
import { draw } from './photo.js'

const REASONS = { NotAllowedError: 'denied', SecurityError: 'denied', NotFoundError: 'no_camera' }

/** Browsers allow it on HTTPS and localhost only. */
export function hasCamera() {
  return Boolean(navigator.mediaDevices?.getUserMedia)
}

/** A photo from the camera, or null if the dialog was closed without one. Throws a Refusal. */
export async function shoot(dialog) {
  const stream = await open()
  const video = dialog.querySelector('video')
  const button = dialog.querySelector('button')
  try {
    button.disabled = true
    video.onloadeddata = () => {
      button.disabled = false
      button.focus()
    }
    video.srcObject = stream
    dialog.returnValue = ''
    dialog.showModal()
    await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }))
    return dialog.returnValue === 'photo' ? await draw(await createImageBitmap(video)) : null
  } finally {
    // turns the camera off, and its light
    stream.getTracks().forEach(track => track.stop())
    video.srcObject = null
  }
}

async function open() {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user', width: { ideal: 1280 } } })
  } catch ({ name }) {
    throw new Refusal(REASONS[name] ?? 'camera_failed')
  }
}
