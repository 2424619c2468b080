const { FACE, answerWith, failWith, freshWx, open, settle, find, tap, read } = require('./wechat')
const consent = require('../src/consent')
const history = require('../src/history')
const { CARD, SCALE } = require('../src/drawing')
const { languages: { zh } } = require('../src/words')

const PHOTO = { path: 'wxfile://smaller.jpg', width: 800, height: 600 }
const SECOND = { ...FACE, age: 8, box: { left: 320, top: 60, width: 90, height: 90 } }

beforeEach(() => { global.wx = freshWx() })

describe('history', () => {
  const NOON = new Date(2025, 5, 1, 12, 0).getTime()

  test('ages and times, no photo', async () => {
    history.add([FACE, SECOND], NOON)
    const page = await open('history')
    expect(read(page)).toContain('34岁 · 女等 2 张脸')
    expect(read(page)).toContain('2025-06-01 12:00')
    expect(JSON.stringify(wx.store.get('history'))).not.toContain('wxfile')
  })

  test('one erased, then all', async () => {
    history.add([FACE], 1)
    history.add([SECOND], 2)
    history.add([SECOND], 3)
    const page = await open('history')
    await tap(page, '.erase')
    expect(history.all().map(({ when }) => when)).toEqual([2, 1])
    await tap(page, '#clear')
    expect(wx.store.has('history')).toBe(false)
    expect(read(page, '#empty')).toBe(zh.records.empty)
  })

  test('erasing all can be cancelled', async () => {
    wx.showModal.mockImplementation(answerWith({ confirm: false }))
    history.add([FACE], 1)
    await tap(await open('history'), '#clear')
    expect(history.all()).toHaveLength(1)
  })

  test('keeps 50 entries', () => {
    for (let when = 0; when < 60; when++) history.add([FACE], when)
    expect(history.all()).toHaveLength(50)
    expect(history.all()[0].when).toBe(59)
  })
})

describe('privacy', () => {
  test('says what happens to a photo and whether the user agreed', async () => {
    const page = await open('privacy')
    for (const { body } of zh.policy.sections) expect(read(page)).toContain(body)
    expect(read(page, '#standing')).toBe(zh.policy.missing)
    expect(find(page, '#withdraw')).toBeUndefined()
    expect(read(page)).not.toContain(zh.policy.weather.title)
  })

  test('withdrawing consent erases the history', async () => {
    consent.give(true)
    history.add([FACE])
    const page = await open('privacy')
    expect(read(page, '#standing')).toContain(zh.policy.guardian)
    await tap(page, '#withdraw')
    expect(wx.store.size).toBe(0)
    expect(read(page, '#standing')).toBe(zh.policy.missing)
  })

  test('withdrawing can be cancelled', async () => {
    wx.showModal.mockImplementation(answerWith({ confirm: false }))
    consent.give(false)
    await tap(await open('privacy'), '#withdraw')
    expect(consent.current()).not.toBeNull()
  })

  test('the guideline has WeChat’s name for it, or ours', async () => {
    const page = await open('privacy')
    expect(read(page, '#guide')).toBe('《颜龄隐私保护指引》')
    await tap(page, '#guide')
    expect(wx.openPrivacyContract).toHaveBeenCalled()
    wx.getPrivacySetting.mockImplementation(failWith('getPrivacySetting:fail'))
    expect(read(await open('privacy'), '#guide')).toBe(zh.consent.guide)
  })
})

describe('share card', () => {
  let drawn
  let node
  let code

  // a canvas that records what is drawn on it
  function canvas() {
    const context = { measureText: words => ({ width: 20 * words.length }) }
    for (const name of ['setTransform', 'fillRect', 'drawImage', 'beginPath', 'arc', 'stroke', 'fill', 'fillText']) {
      context[name] = (...args) => drawn.push([name, ...args])
    }
    context.getImageData = (x, y, width, height) => ({ data: new Uint8ClampedArray(4 * width * height) })
    const createImage = () => ({
      width: 1600, height: 1200, set src(path) { setTimeout(() => path.includes('gone') || (path.includes('code') && !code) ? this.onerror() : this.onload()) }
    })
    return { getContext: () => context, createImage }
  }

  beforeEach(() => {
    drawn = []
    code = false
    node = canvas()
    const query = { in: () => query, select: () => query, fields: () => query, exec: done => done([{ node }]) }
    global.wx.createSelectorQuery = () => query
  })

  async function card({ photo = PHOTO, faces = [FACE, SECOND] } = {}) {
    global.openerChannel = { on: (_, listener) => listener({ photo, faces, chosen: 0 }) }
    const page = await open('card')
    await settle()
    return page
  }

  const named = name => drawn.filter(([each]) => each === name)
  const text = () => named('fillText').map(([, words]) => words)
  const blocks = () => named('fillRect').slice(1)

  test('by default the whole photo with every face hidden', async () => {
    const page = await card()
    expect(page.data.mode).toBe('blur')
    expect(named('drawImage')[0].slice(2, 6)).toEqual([0, 0, 1600, 1200])
    expect(blocks().length).toBeGreaterThan(40)
    expect(text()).toEqual(expect.arrayContaining(['经AI推测，您的年龄是', '34', '岁', '颜龄']))
  })

  test('is three times as large as its drawing', async () => {
    const page = await card()
    expect([node.width, node.height]).toEqual([3 * CARD.width, 3 * CARD.height])
    expect(named('setTransform')[0].slice(1)).toEqual([SCALE, 0, 0, SCALE, 0, 0])
    await tap(page, '#save')
    expect(wx.canvasToTempFilePath.mock.calls[0][0]).toMatchObject({ destWidth: 1800, destHeight: 2400 })
  })

  test('with the operator’s code, if there is one, clear of the words', async () => {
    const titleAt = () => named('fillText').filter(([, words]) => words === '颜龄').pop()[3]
    await card()
    expect([named('drawImage').length, titleAt()]).toEqual([1, 540])
    drawn = []
    code = true
    await card()
    await settle()
    const [, , left, top, width, height] = named('drawImage').pop()
    expect([left + width, top > titleAt(), top + height < 664]).toEqual([CARD.width - 40, true, true])
  })

  test('a photo of unknown size is left out, since its faces could not be hidden', async () => {
    const page = await card({ photo: { path: 'wxfile://a.heic', width: 0, height: 0 } })
    await tap(page, '#crop')
    await settle()
    expect(named('drawImage')).toEqual([])
    expect(text()).toEqual(expect.arrayContaining(['34', '岁', '颜龄']))
  })

  test('cropped: only the chosen face, with a neighbour in the crop hidden', async () => {
    const page = await card()
    drawn = []
    await tap(page, '#crop')
    await settle()
    const [left, top, width, height] = named('drawImage')[0].slice(2, 6)
    expect(width / height).toBeCloseTo(CARD.photo.width / CARD.photo.height)
    expect([left <= 200, top <= 100, left + width >= 600, top + height >= 600]).toEqual(Array(4).fill(true))
    expect(blocks().length).toBeGreaterThan(0)
    for (const [, x, y, w, h] of blocks()) {
      expect(x).toBeGreaterThanOrEqual(CARD.photo.left)
      expect(x + w).toBeLessThanOrEqual(CARD.photo.left + CARD.photo.width + 1)
      expect(y + h).toBeLessThanOrEqual(CARD.photo.top + CARD.photo.height + 1)
    }
  })

  test('without a photo, also if it is gone', async () => {
    const page = await card({ photo: { ...PHOTO, path: 'wxfile://gone.jpg' } })
    expect(named('drawImage')).toHaveLength(0)
    await tap(page, '#none')
    expect(named('drawImage')).toHaveLength(0)
  })

  test('a card sent right after a change is the new one', async () => {
    const page = await card()
    drawn = []
    page.instance.onMode({ currentTarget: { dataset: { mode: 'crop' } } })
    page.instance.onMode({ currentTarget: { dataset: { mode: 'blur' } } })
    const before = new Promise(resolve => wx.canvasToTempFilePath.mockImplementation(options => {
      resolve(named('drawImage').length)
      options.success({ tempFilePath: 'wxfile://card.jpg' })
    }))
    page.instance.onSend()
    expect(await before).toBe(1)
    await settle()
    expect(wx.showShareImageMenu.mock.calls[0][0].path).toBe('wxfile://card.jpg')
    expect(page.instance.onShareAppMessage().imageUrl).toBe('wxfile://card.jpg')
  })

  test('saving: done, cancelled, or without permission', async () => {
    const page = await card()
    await tap(page, '#save')
    expect(read(page, '#message')).toBe(zh.card.saved)
    wx.saveImageToPhotosAlbum.mockImplementation(failWith('saveImageToPhotosAlbum:fail cancel'))
    await tap(page, '#save')
    expect(find(page, '#message')).toBeUndefined()
    wx.saveImageToPhotosAlbum.mockImplementation(failWith('saveImageToPhotosAlbum:fail auth deny'))
    await tap(page, '#save')
    expect(read(page, '#message')).toBe(zh.card.failed)
    await tap(page, '#settings')
    expect(wx.openSetting).toHaveBeenCalled()
  })

  test('WeChat’s privacy authorisation is requested here too', async () => {
    consent.listen()
    const page = await card()
    const resolve = jest.fn()
    wx.needPrivacy(resolve)
    await settle()
    await tap(page, '#sheet', '#refuse')
    expect(resolve).toHaveBeenLastCalledWith({ event: 'disagree' })
  })
})
