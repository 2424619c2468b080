'use strict'

const GENDERS = { Female: '女 Female', Male: '男 Male' }
const NOTES = { small: '脸太小 too small', turned: '侧脸 turned away', blurred: '模糊 blurred', dark: '太暗 too dark' }
const $ = id => document.getElementById(id)

function say (text, isError = false) {
  $('status').textContent = text
  $('status').classList.toggle('error', isError)
}

function describe (face) {
  const [low, high] = face.age_range
  const sure = Math.round(face.gender_confidence * 100)
  const notes = face.quality.notes.map(note => ` · ${NOTES[note]}`).join('')
  return `${Math.round(face.age)} 岁 years (${low}–${high}), ${GENDERS[face.gender]} ${sure}%${notes}`
}

// percentages of the photo, so that boxes stay in place when the page is resized
function drawBox (face, image, number) {
  const box = document.createElement('div')
  const label = document.createElement('span')
  const { left, top, width, height } = face.box
  box.className = top < image.height * 0.08 ? 'box top' : 'box'
  box.style.left = `${100 * left / image.width}%`
  box.style.top = `${100 * top / image.height}%`
  box.style.width = `${100 * width / image.width}%`
  box.style.height = `${100 * height / image.height}%`
  label.textContent = number ? `${number} · ${Math.round(face.age)}` : Math.round(face.age)
  box.append(label)
  $('boxes').append(box)
}

function show ({ faces, image }) {
  if (faces.length === 0) return say('请提交人脸图片！No face found in this photo.', true)
  say(faces.length === 1 ? '找到 1 张脸。One face.' : `找到 ${faces.length} 张脸。${faces.length} faces.`)
  faces.forEach((face, i) => {
    drawBox(face, image, faces.length > 1 ? i + 1 : 0)
    const line = document.createElement('li')
    line.textContent = describe(face)
    $('faces').append(line)
  })
}

async function estimate (file) {
  $('boxes').replaceChildren()
  $('faces').replaceChildren()
  URL.revokeObjectURL($('photo').src)
  $('photo').src = URL.createObjectURL(file)
  $('result').hidden = false
  say('请稍候… Please wait…')
  const form = new FormData()
  form.append('file', file)
  try {
    const reply = await fetch('v1/faces', { method: 'POST', body: form })
    const body = await reply.json()
    if (reply.ok) show(body)
    else say(`${body.detail} (${body.code})`, true)
  } catch {
    say('连接不上服务器，请重试。The server cannot be reached; please try again.', true)
  }
}

$('file').addEventListener('change', () => $('file').files[0] && estimate($('file').files[0]))
for (const name of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(name, event => {
    event.preventDefault()
    $('drop').classList.toggle('over', name === 'dragover')
  })
}
document.addEventListener('drop', event => {
  const file = event.dataTransfer.files[0]
  if (file) estimate(file)
})
