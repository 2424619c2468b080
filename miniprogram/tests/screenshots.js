// `npm run screenshots`: every state as on a phone, in screenshots/. miniprogram-simulate turns WXML
// into HTML for Chromium. WeChat's own bars and sheets are missing. The README's two pictures have the
// answers of the service at YANLING_URL, or of this file.
const fs = require('fs')
const path = require('path')
const { execFileSync } = require('child_process')
const exparser = require('miniprogram-exparser')
const { SRC, FACE, answerWith, freshWx, open, settle, find, tap } = require('./wechat')
const consent = require('../src/consent')
const history = require('../src/history')

const OUT = path.join(__dirname, '..', 'screenshots')
const PHOTOS = `
from PIL import Image
from skimage import data
portrait = Image.fromarray(data.astronaut())
portrait.save("portrait.jpg")
group = Image.new("RGB", (900, 600), (120, 130, 140))
for size, x, y in ((360, 30, 120), (300, 400, 60), (180, 710, 330)):
    group.paste(portrait.crop((130, 0, 330, 200)).resize((size, size)), (x, y))
group.save("group.jpg")
Image.effect_noise((120, 120), 200).point(lambda value: 255 * (value > 128)).save("code.png")
Image.fromarray(data.coffee()).save("coffee.jpg")
`
const AGES = Array.from({ length: 101 }, (_, age) => Math.exp(-((age - 34) ** 2) / 90))
const PORTRAIT = { ...FACE, age_distribution: AGES, box: { left: 181, top: 60, width: 87, height: 116 } }
const GROUP = [
  { ...FACE, box: { left: 120, top: 230, width: 156, height: 209 } },
  { ...FACE, age: 52, gender: 'Male', age_range: [41, 61], box: { left: 476, top: 150, width: 130, height: 174 } },
  { ...FACE, age: 8, gender_confidence: 0.6, age_range: [4, 11], box: { left: 755, top: 384, width: 78, height: 104 } }
]

// miniprogram-simulate does not put attributes into the DOM; a browser needs them.
function materialise(node) {
  if (node._vt && node.$$ && node.$$.setAttribute) {
    for (const { name, value } of node._vt.attrs || []) {
      if (/^(src|aria-|type)/.test(name)) node.$$.setAttribute(name, value)
    }
  }
  if (node.shadowRoot instanceof exparser.Element) materialise(node.shadowRoot)
  for (const child of node.childNodes || []) if (child instanceof exparser.Element) materialise(child)
}

function style(file, prefix) {
  const text = fs.readFileSync(file, 'utf8').replace(/@import "([^"]+)";/g,
    (_, other) => style(path.join(path.dirname(file), other), ''))
  const own = text.replace(/\/\*[^]*?\*\//g, '')
  return prefix ? own.replace(/\.(?=[a-z])(?![^{}]*;)/g, `.${prefix}--`) : own
}

function css(name, dark) {
  const rules = [style(path.join(SRC, 'app.wxss'), 'main'), style(path.join(SRC, `pages/${name}/${name}.wxss`), 'main')]
  for (const part of ['consent-sheet', 'photo-frame']) {
    rules.push(style(path.join(SRC, `components/${part}/${part}.wxss`), part))
  }
  return rules.join('\n')
    .replace(/(-?[\d.]+)rpx/g, 'calc($1 * 100vw / 750)')
    .replace(/@media \(prefers-color-scheme: dark\)/g, dark ? '@media all' : '@media not all')
    .replace(/env\(safe-area-inset-bottom\)/g, '0px')
}

function page(view, name, { dark, root = 16 }) {
  materialise(view._exparserNode)
  const body = view.dom.outerHTML.replace(/<wx-image/g, '<img').replace(/<\/wx-image>/g, '')
    .replace(/<wx-slider[^>]*>/g, '<input type="range" style="width:100%" disabled>').replace(/<\/wx-slider>/g, '')
    .replace(/<wx-canvas([^>]*)><\/wx-canvas>/g, '<canvas$1></canvas>')
    .replace(/wxfile:\/\/([a-z]+)\.jpg/g, '$1.jpg')
  return `<!doctype html><meta charset="utf-8"><style>
html { font: ${root}px "PingFang SC", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif }
body { margin: 0; word-break: break-word }
wx-view, main, wx-page-meta { display: block } wx-page-meta { display: none }
button { font: inherit; cursor: pointer }
button:not([size=mini]) { width: 184px; margin-left: auto; margin-right: auto } * { animation: none !important }
${css(name, dark)}</style>${body}`
}

const settings = { language: 'zh_CN' }

function begin() {
  global.wx = freshWx(settings)
  consent.give(false)
}

async function estimated(photo, faces, size) {
  wx.compressImage.mockImplementation(answerWith({ tempFilePath: `wxfile://${photo}.jpg` }))
  wx.getImageInfo.mockImplementation(answerWith({ ...size, orientation: 'up' }))
  const view = await open('index')
  await tap(view, '#choose')
  if (faces) wx.uploads[0].answer(typeof faces === 'string' ? faces : { faces })
  await settle()
  return view
}

const SQUARE = { width: 512, height: 512 }
const WIDE = { width: 900, height: 600 }
const STATES = {
  start: () => open('index'),
  waiting: async () => {
    const view = await estimated('portrait', null, SQUARE)
    wx.uploads[0].progress(60)
    await settle()
    return view
  },
  face: () => estimated('portrait', [PORTRAIT], SQUARE),
  guess: async () => {
    wx.setStorageSync('guess', true)
    return estimated('portrait', [PORTRAIT], SQUARE)
  },
  several: () => estimated('group', GROUP, WIDE),
  none: () => estimated('coffee', '-1', { width: 600, height: 400 }),
  error: async () => {
    const view = await estimated('portrait', null, SQUARE)
    wx.uploads[0].fail('uploadFile:fail timeout')
    await settle()
    return view
  },
  consent: async () => {
    consent.withdraw()
    const view = await open('index')
    await tap(view, '#choose')
    return view
  },
  guardian: async () => {
    const view = await STATES.several()
    await tap(view, '#child')
    await tap(view, '#sheet', '#guardian')
    return view
  },
  history: async () => {
    history.add([PORTRAIT], new Date(2026, 0, 5, 12).getTime())
    history.add(GROUP, new Date(2026, 0, 6, 20, 30).getTime())
    return open('history')
  },
  privacy: () => open('privacy'),
  card: () => {
    const query = { in: () => query, select: () => query, fields: () => query, exec: () => {} }
    wx.createSelectorQuery = () => query
    global.openerChannel = { on: () => {} }
    return open('card')
  }
}

const nameOf = state => ['history', 'privacy', 'card'].includes(state) ? state : 'index'

// The real drawing module on Chromium's canvas.
function drawn(html, language, mode) {
  const code = fs.readFileSync(path.join(SRC, 'drawing.js'), 'utf8')
  const detail = language === 'zh_CN' ? '测试误差：真实年龄大约在 25–43 岁' : 'Margin of error: true age about 25–43 years'
  const lines = language === 'zh_CN' ? { verdict: '经AI推测，您的年龄是', quip: '风华正茂', title: '颜龄', years: '岁' } : { verdict: 'AI guesses your age:', quip: 'In full bloom', title: 'Yanling', years: 'years' }
  const card = { mode, photo: SQUARE, faces: [PORTRAIT], chosen: 0, lines: { age: 34, detail, ...lines } }
  return `${html}<script>const module = {};${code}
const image = new Image()
image.onload = () => {
  const canvas = document.querySelector('canvas')
  canvas.width = CARD.width * SCALE; canvas.height = CARD.height * SCALE
  drawCard(canvas.getContext('2d'), { ...${JSON.stringify(card)}, image, code: code.naturalWidth ? code : null })
}
const code = new Image()
code.onload = code.onerror = () => { image.src = 'portrait.jpg' }
code.src = '${mode === 'crop' ? 'code.png' : ''}'</script>`
}

// What the service says of a photo, or null without one.
function answered(photo) {
  const url = process.env.YANLING_URL
  if (!url) return null
  const reply = execFileSync('curl', ['-sf', '-F', `file=@${photo}.jpg`, `${url}/v1/faces?distribution=1`], { cwd: OUT })
  return JSON.parse(reply).faces
}

// Many phones in one picture: Chromium's window cannot be as narrow as a phone.
function shoot(name, phones, { width, height }) {
  const frames = phones.map(file => `<iframe src="${file}" width="${width}" height="${height}" style="border:0;margin:6px"></iframe>`)
  const sheet = path.join(OUT, `${name}.html`)
  fs.writeFileSync(sheet, `<!doctype html><body style="margin:0;background:#888">${frames.join('')}`)
  const columns = Math.min(6, phones.length)
  const size = [columns * (width + 12) + 10, Math.ceil(phones.length / columns) * (height + 16)]
  const profile = fs.mkdtempSync(path.join(OUT, 'profile-'))
  execFileSync('chromium', [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars',
    '--disable-background-networking', '--disable-component-update', '--disable-sync', '--allow-file-access-from-files',
    '--virtual-time-budget=3000', `--user-data-dir=${profile}`, `--window-size=${size.join(',')}`,
    `--screenshot=${path.join(OUT, `${name}.png`)}`, `file://${sheet}`
  ], { stdio: 'ignore' })
  fs.rmSync(profile, { recursive: true })
}

async function phone(state, variant, { mode = 'blur' } = {}) {
  settings.language = variant.language
  begin()
  const view = await STATES[state]()
  expect(find(view, '.page')).toBeDefined()
  if (state === 'card') view.setData({ mode })
  await settle()
  const html = page(view, nameOf(state), variant)
  const file = `${state}-${mode}-${variant.language}-${variant.dark ? 'dark' : 'light'}-${variant.root || 16}.html`
  fs.writeFileSync(path.join(OUT, file), state === 'card' ? drawn(html, variant.language, mode) : html)
  return file
}

const VARIANTS = {
  'zh-light': [{ language: 'zh_CN', dark: false }, { width: 390, height: 844 }],
  'en-dark': [{ language: 'en', dark: true }, { width: 390, height: 844 }],
  'en-light-small': [{ language: 'en', dark: false }, { width: 320, height: 568 }],
  'zh-dark-large-type': [{ language: 'zh_CN', dark: true, root: 24 }, { width: 390, height: 844 }]
}

beforeAll(() => {
  fs.rmSync(OUT, { recursive: true, force: true })
  fs.mkdirSync(OUT)
  execFileSync(path.join(__dirname, '../../.venv/bin/python'), ['-c', PHOTOS], { cwd: OUT })
})

test.each(Object.keys(VARIANTS))('%s', async name => {
  const [variant, size] = VARIANTS[name]
  const phones = []
  for (const state of Object.keys(STATES)) phones.push(await phone(state, variant))
  phones.push(await phone('card', variant, { mode: 'crop' }))
  shoot(name, phones, size)
}, 120000)

test('the README’s two pictures', async () => {
  const size = { width: 390, height: 844 }
  STATES.face = () => estimated('portrait', answered('portrait') || [PORTRAIT], SQUARE)
  STATES.several = () => estimated('group', answered('group') || GROUP, WIDE)
  shoot('result-zh', [await phone('face', { language: 'zh_CN', dark: false })], size)
  shoot('several-en-dark', [await phone('several', { language: 'en', dark: true })], size)
})
