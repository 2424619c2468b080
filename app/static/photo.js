// Prepares a photo for upload: small, upright, without where and when it was taken.
import { Refusal } from './api.js'
import { format } from './formats.js'

// Pixels: ample, as the service looks for faces at 600 px of the shorter side, yet only a few hundred kB.
const LONGER_SIDE = 1600
const SMALL = 2 ** 20
const QUALITY = 0.9
const THUMBNAIL = 112

/**
 * Returns { small, size, thumbnail }: the photo to send, its { width, height } and a square canvas.
 * A small JPEG without metadata is sent unchanged, any other photo is redrawn as one: the service
 * takes several times as long for a PNG or WebP. A file that the browser cannot decode, such as HEIC,
 * is sent unchanged too: the service reads it or says what is wrong. It has a `format` instead of size
 * and thumbnail, or undefined. Throws a Refusal for a folder.
 */
export async function prepare(file) {
  let bitmap
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    return { small: file, format: await nameFormat(file) }
  }
  const scale = Math.min(1, LONGER_SIDE / Math.max(bitmap.width, bitmap.height))
  try {
    const unchanged = scale === 1 && await isSmallAndBare(file)
    return {
      small: unchanged ? file : await draw(bitmap, scale) ?? file,
      size: scaled(bitmap, scale),
      thumbnail: thumbnail(bitmap)
    }
  } finally {
    bitmap.close()
  }
}

async function nameFormat(file) {
  try {
    return await format(file)
  } catch {
    throw new Refusal('no_file')
  }
}

async function isSmallAndBare(file) {
  if (file.size > SMALL || file.type !== 'image/jpeg') return false
  const text = new TextDecoder('latin1').decode(await file.arrayBuffer())
  return !/exif|ns\.adobe|photoshop/i.test(text)
}

function scaled({ width, height }, scale) {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** A bitmap as a JPEG. */
export function draw(bitmap, scale = 1) {
  const canvas = document.createElement('canvas')
  const { width, height } = Object.assign(canvas, scaled(bitmap, scale))
  const context = canvas.getContext('2d')
  // transparent parts become white, not black
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, width, height)
  return new Promise(resolve => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
}

// The middle of the photo.
function thumbnail(bitmap) {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = THUMBNAIL
  const side = Math.min(bitmap.width, bitmap.height)
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2]
  const context = canvas.getContext('2d')
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, left, top, side, side, 0, 0, THUMBNAIL, THUMBNAIL)
  return canvas
}
