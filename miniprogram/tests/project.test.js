// What WeChat's tools would report, as far as it can be checked without them.
const fs = require('fs')
const path = require('path')
const { SRC, freshWx } = require('./wechat')
const { date, moment } = require('../src/dates')
const words = require('../src/words')
const app = require('../src/app.json')
const theme = require('../src/theme.json')
const project = require('../project.config.json')
const model = require('../../model/weights/model.json')

const files = fs.readdirSync(SRC, { recursive: true }).map(String)
const sources = ending => files.filter(name => name.endsWith(ending)).map(name => [name, fs.readFileSync(path.join(SRC, name), 'utf8')])

// The typings name an API's first base library in the comment before it.
function since(name) {
  const typings = path.join(path.dirname(require.resolve('miniprogram-api-typings/package.json')), 'types/wx/lib.wx.api.d.ts')
  const text = fs.readFileSync(typings, 'utf8')
  const api = text.slice(text.indexOf('interface Wx {'))
  const found = new RegExp(`^        ${name}(?=[(<])`, 'm').exec(api)
  if (!found) return null
  const comment = api.slice(api.lastIndexOf('/**', found.index), found.index)
  const named = /需要基础库： `([\d.]+)`/.exec(comment)
  return named ? named[1] : '1.0.0'
}

const number = version => version.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0)

test('every wx API exists in the declared base library', () => {
  const used = new Set()
  for (const [, text] of sources('.js')) {
    for (const [, name] of text.matchAll(/\bwx\.(\w+)/g)) used.add(name)
    for (const [, name] of text.matchAll(/\bcall\('(\w+)'/g)) used.add(name)
  }
  expect(used.size).toBeGreaterThan(15)
  const wrong = [...used].filter(name => !since(name) || number(since(name)) > number(project.libVersion))
  expect(wrong).toEqual([])
  expect(since('onNeedPrivacyAuthorization')).toBe('2.32.3')
  expect(since('noSuchThing')).toBeNull()
})

test('every page, component and image is there', () => {
  const parts = [...app.pages]
  for (const [name, text] of sources('.json')) {
    for (const use of Object.values(JSON.parse(text).usingComponents || {})) parts.push(use.slice(1))
    if (name.startsWith('components')) expect(JSON.parse(text).component).toBe(true)
  }
  for (const part of parts) {
    for (const ending of ['.js', '.json', '.wxml', '.wxss']) expect(files).toContain(part + ending)
  }
  const images = sources('.js').flatMap(([, text]) => [...text.matchAll(/'\/(images\/[^']+)'/g)].map(([, name]) => name))
  expect(images.length).toBeGreaterThan(0)
  const ours = images.filter(image => image !== 'images/code.png') // the operator's, if any
  for (const image of ours) expect(files).toContain(image)
})

test('every handler of a page exists', () => {
  for (const [name, text] of sources('.wxml')) {
    const code = fs.readFileSync(path.join(SRC, name.replace('.wxml', '.js')), 'utf8')
    for (const [, handler] of text.matchAll(/\b(?:bind|catch)\w+="(\w+)"/g)) {
      expect(code).toMatch(new RegExp(`^ +(async )?${handler}\\(`, 'm'))
    }
  }
})

test('WeChat’s v2 style is on, and no button keeps its 184 px', () => {
  expect(app.style).toBe('v2')
  for (const [name, text] of sources('.wxml')) {
    for (const [tag] of text.matchAll(/<button[^>]*>/g)) expect(`${name} ${tag}`).toMatch(/primary|plain/)
  }
  expect(sources('theme.wxss')[0][1]).toMatch(/\.primary, \.plain \{[^}]*width: 100% !important/)
})

test('no text is unused', () => {
  const code = [...sources('.js'), ...sources('.wxml')].filter(([name]) => !name.startsWith('texts')).map(([, text]) => text).join()
  const dynamic = ['language', 'sending', 'looking', 'Male', 'Female', 'bands', 'errors']
  const unused = Object.keys(words.languages.zh).filter(key => !dynamic.includes(key) &&
    !new RegExp(`\\.${key}\\b`).test(code))
  expect(unused).toEqual([])
})

test('both themes define the same colours, and app.json uses no other', () => {
  expect(Object.keys(theme.light)).toEqual(Object.keys(theme.dark))
  for (const value of Object.values(app.window)) {
    if (value.startsWith('@')) expect(theme.light).toHaveProperty(value.slice(1))
  }
})

test('only src is uploaded, and it needs no package', () => {
  expect(project.miniprogramRoot).toBe('src/')
  for (const [, text] of sources('.js')) {
    for (const [, needed] of text.matchAll(/require\('([^']+)'\)/g)) expect(needed).toMatch(/^\.{1,2}\//)
  }
})

test('font sizes scale with large type, and motion needs no-preference', () => {
  for (const [name, text] of sources('.wxss')) {
    for (const [, size] of text.matchAll(/font-size: ([^;]+);/g)) expect(`${name} ${size}`).toMatch(/rem$/)
    const still = text.replace(/@media \(prefers-reduced-motion: no-preference\) \{[^}]*\}\s*\}/g, '')
    expect(still).not.toMatch(/\b(animation|transition):/)
  }
  for (const page of app.pages) {
    expect(fs.readFileSync(path.join(SRC, `${page}.wxml`), 'utf8')).toMatch(/^<page-meta root-font-size="system">/)
  }
})

test('everything that can be tapped has a role for screen readers', () => {
  for (const [name, text] of sources('.wxml')) {
    for (const [tag] of text.matchAll(/<(?!button)\w[^>]*bindtap="[^"]*"[^>]*>/g)) expect(`${name} ${tag}`).toContain('aria-role=')
    for (const [tag] of text.matchAll(/<(image|canvas)[^>]*>/g)) expect(tag).toContain('aria-label=')
  }
})

test('both languages have the same texts', () => {
  const shape = value => value && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
    : typeof value
  const { zh, en } = words.languages
  expect(shape(en)).toEqual(shape(zh))
})

test('every code that can be shown has a text', () => {
  const { zh } = words.languages
  for (const [, text] of sources('.js')) {
    for (const [, code] of text.matchAll(/(?:Refusal|fail)\('(\w+)'\)/g)) expect(zh.errors).toHaveProperty(code)
  }
})

test('dates and unknown codes', () => {
  global.wx = freshWx()
  const noon = new Date(2026, 0, 5, 12, 7)
  expect(date(noon)).toBe('2026年1月5日 星期一')
  expect(moment(noon)).toBe('2026-01-05 12:07')
  expect(words.error('new_code')).toBe(words.languages.zh.errors.internal)
  global.wx = freshWx({ language: 'en' })
  expect(date(noon)).toBe('Monday, 2026-01-05')
})

test('at launch it listens for WeChat’s privacy request', () => {
  global.wx = freshWx()
  let definition
  global.App = given => { definition = given }
  require('../src/app')
  definition.onLaunch()
  expect(wx.needPrivacy).toBeInstanceOf(Function)
})

test('“eight faces in ten” is what the model promises', () => {
  expect(model.age_range.coverage).toBe(0.8)
})
