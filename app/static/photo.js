// Prepares a photo for upload: small, upright, without where and when it was taken.

// Pixels: ample, as the service looks for faces at 600 px of the shorter side, yet only a few hundred kB.
const LONGER_SIDE = 1600
const SMALL = 2 ** 20
const QUALITY = 0.9

/**
 * A small photo without metadata is sent unchanged, any other is redrawn. A file that the browser
 * cannot decode, such as HEIC, is sent unchanged too: the service reads it or says what is wrong.
 */
export async function prepare(file) {
  let bitmap
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    return file
  }
  const scale = Math.min(1, LONGER_SIDE / Math.max(bitmap.width, bitmap.height))
  try {
    return scale === 1 && await isSmallAndBare(file) ? file : await draw(bitmap, scale) ?? file
  } finally {
    bitmap.close()
  }
}

async function isSmallAndBare(file) {
  if (file.size > SMALL || !/^image\/(jpeg|png)$/.test(file.type)) return false
  const text = new TextDecoder('latin1').decode(await file.arrayBuffer())
  return !/exif|ns\.adobe|photoshop|tEXt|[iz]TXt/i.test(text)
}

/** `source` as a JPEG; drawn at once, before the video moves on or the bitmap is closed. */
export function draw(source, scale = 1) {
  const canvas = document.createElement('canvas')
  canvas.width = Math.round((source.videoWidth ?? source.width) * scale)
  canvas.height = Math.round((source.videoHeight ?? source.height) * scale)
  const context = canvas.getContext('2d')
  // transparent parts become white, not black
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(source, 0, 0, canvas.width, canvas.height)
  return new Promise(resolve => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
}
