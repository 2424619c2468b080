// Names a file that the browser cannot show by its first bytes; words.js says what to do with it.
const BYTES = 200

// the first that fits; videos share their container with HEIC and AVIF
export const FORMATS = {
  heic: /^....ftyp(hei|hev|mif1|msf1)/s,
  avif: /^....ftypavi/s,
  raw: /^(....ftypcrx|II\*.{5}CR|IIRO|IIU|FUJIFILMCCD-RAW)/s,
  video: /^(....(ftyp|moov|mdat|wide)|.E\xdf\xa3|RIFF....AVI )/s,
  pdf: /^%PDF/,
  psd: /^8BPS/,
  zip: /^(PK|Rar!|7z)/,
  jxl: /^(\xff\n|....JXL )/s,
  jp2: /^....jP {2}/s,
  tiff: /^(II\*|MM.\*)/s,
  svg: /<svg/
}
// RAW files that begin like a TIFF
const RAW_NAME = /\.(dng|nef|nrw|arw|pef|srw)$/i

/** A key of FORMATS, or undefined. Rejects when the file cannot be read, as a folder cannot. */
export async function format(file) {
  const start = new TextDecoder('latin1').decode(await file.slice(0, BYTES).arrayBuffer())
  const found = Object.keys(FORMATS).find(name => FORMATS[name].test(start))
  return found === 'tiff' && RAW_NAME.test(file.name) ? 'raw' : found
}
