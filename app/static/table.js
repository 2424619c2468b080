// The answers for several photos as CSV: the columns of `python -m app estimate` that do not depend on
// the photo's size, which the page has changed.
const COLUMNS = ['file', 'faces', 'faces_not_judged', 'face', 'age', 'age_low', 'age_high', 'gender', 'gender_confidence', 'notes', 'error']
// what begins a formula in a spreadsheet (OWASP, CSV injection)
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/
// Excel would take the file for one in the system's own encoding
const BYTE_ORDER_MARK = '\uFEFF'

/** A row per face, and one for each photo without a face or with an error; only those that are done. */
export function table(photos) {
  const rows = photos.filter(({ state }) => state.kind !== 'waiting').flatMap(rowsOf)
  const lines = [COLUMNS, ...rows.map(row => COLUMNS.map(name => row[name] ?? ''))]
  return BYTE_ORDER_MARK + lines.map(line => `${line.map(cell).join(',')}\r\n`).join('')
}

function rowsOf({ file, state: { answer, code } }) {
  if (!answer?.faces) return [{ file: file.name, error: code }]
  const { faces, faces_not_judged } = answer
  const common = { file: file.name, faces: faces.length, faces_not_judged }
  if (!faces.length) return [common]
  return faces.map(({ age, age_range: [age_low, age_high], gender, gender_confidence, quality }, index) => ({
    ...common, face: index + 1, age, age_low, age_high, gender, gender_confidence, notes: quality.notes.join(' ')
  }))
}

function cell(value) {
  const text = String(value)
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Give a blob to the user as a file. */
export function save(blob, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
