const { FACE, failWith, answerWith, freshWx, open, settle, find, tap, read } = require('./wechat')
const consent = require('../src/consent')
const config = require('../src/config')
const { fill, languages: { zh, en } } = require('../src/words')

const SECOND = { ...FACE, age: 8, gender: 'Male', gender_confidence: 0.6, box: { left: 500, top: 100, width: 90, height: 90 } }

beforeEach(() => {
  global.wx = freshWx()
  consent.give(false)
  consent.listen()
})

const answer = faces => ({ age: faces[0].age, gender: faces[0].gender, faces })

async function chosen(page) {
  await tap(page, '#choose')
  return wx.uploads[wx.uploads.length - 1]
}

async function estimated(faces = [FACE]) {
  const page = await open('index')
  const upload = await chosen(page)
  upload.answer(answer(faces))
  await settle()
  return page
}

async function refusedBy(act) {
  const page = await open('index')
  act(await chosen(page))
  await settle()
  return page
}

test('what makes an estimate less reliable is said', async () => {
  const page = await estimated([{ ...FACE, notes: ['cut_off', 'of a later version'] }])
  expect(page.data.face.warnings).toEqual([zh.notes.cut_off])
  expect(read(page)).toContain(zh.notes.cut_off)
})

test('faces that were not judged are said', async () => {
  const page = await open('index')
  const upload = await chosen(page)
  upload.answer({ ...answer([FACE]), faces_not_judged: 185 })
  await settle()
  expect(read(page, '#more')).toBe(fill(zh.notJudged, { count: 185 }))
  expect(find(await estimated(), '#more')).toBeFalsy()
})

const sheet = page => find(page, '#sheet').data.kind

describe('from a photo to its answer', () => {
  test('from the album: asked, compressed, sent, shown while it is estimated', async () => {
    const page = await open('index')
    expect(read(page, '#choose')).toBe(zh.choose)
    const upload = await chosen(page)
    expect(wx.showActionSheet.mock.calls[0][0].itemList).toEqual([zh.camera, zh.album])
    expect(wx.chooseMedia.mock.calls[0][0]).toMatchObject({ mediaType: ['image'], sourceType: ['album'] })
    expect(upload.options).toMatchObject({
      url: `${config.server}/v1/faces?distribution=1`, filePath: 'wxfile://smaller.jpg', name: 'file', timeout: config.timeout
    })
    expect(page.data).toMatchObject({ state: 'waiting', path: 'wxfile://smaller.jpg' })
    expect(read(page)).toContain(zh.sending)
    upload.progress(40)
    expect(page.data.progress).toBe(40)
    upload.progress(100)
    await settle()
    expect(read(page)).toContain(zh.looking)
  })

  test('from the camera', async () => {
    wx.showActionSheet.mockImplementation(answerWith({ tapIndex: 0 }))
    await chosen(await open('index'))
    expect(wx.chooseMedia.mock.calls[0][0].sourceType).toEqual(['camera'])
  })

  test('age, gender and the calibrated range', async () => {
    const page = await estimated()
    expect(read(page, '#verdict')).toBe('经AI推测，您的年龄是')
    expect(read(page)).toContain('Yanling 出品')
    expect(read(page, '#age')).toBe('34')
    expect(read(page, '#gender')).toBe('女')
    expect(read(page, '#range')).toBe('测试误差：真实年龄大约在 25–43 岁')
    expect(read(page)).toContain(zh.note)
    expect(page.data.boxes).toEqual(['left:12.50%;top:8.33%;width:25.00%;height:41.67%'])
    expect(read(page)).not.toContain(zh.several)
  })

  test('the number counts up to the age', async () => {
    const page = await estimated()
    expect(page.data.count).toEqual([0, 1, 3, 5, 6, 8, 10, 11, 13, 15, 17, 18, 20, 22, 23, 25, 27, 28, 30, 32])
    expect(read(page, '#age')).toBe('34')
    expect(new Set((await estimated([{ ...FACE, age: 2 }])).data.count)).toEqual(new Set([0, 1]))
  })

  test('how likely each age is, where the service says so', async () => {
    expect(find(await estimated(), '#chart')).toBeUndefined()
    const page = await estimated([{ ...FACE, age_distribution: [0.1, 0.2, 0.05] }])
    expect(page.data.face.bars).toEqual([50, 100, 25])
    expect(page.querySelectorAll('.bar')).toHaveLength(3)
  })

  test('several faces: a tap on a box or a number chooses one', async () => {
    const page = await estimated([FACE, SECOND])
    expect(read(page)).toContain(zh.several)
    expect(page.querySelectorAll('.chip')).toHaveLength(2)
    find(page, '#frame').querySelectorAll('.box')[1].dispatchEvent('tap')
    await settle()
    expect(read(page, '#age')).toBe('8')
    expect(read(page, '#gender')).toBe('多半是男')
    expect(read(page, '#verdict')).toBe('经AI推测，第 2 位的年龄是')
    page.querySelectorAll('.chip')[0].dispatchEvent('tap')
    await settle()
    expect(read(page, '#age')).toBe('34')
  })

  test('no face', async () => {
    const page = await refusedBy(upload => upload.answer('-1'))
    expect(read(page, '#none')).toContain('请不要恶作剧！')
    for (const line of zh.advice) expect(read(page)).toContain(line)
    expect(wx.store.has('history')).toBe(false)
  })

  test('boxes fit a photo that is stored rotated', async () => {
    wx.getImageInfo.mockImplementation(answerWith({ width: 600, height: 800, orientation: 'right' }))
    expect((await estimated()).data.boxes[0]).toMatch(/^left:12.50%;top:8.33%/)
  })

  test('a large photo is compressed, or sent unchanged if that fails', async () => {
    wx.getImageInfo.mockImplementation(answerWith({ width: 4000, height: 3000, orientation: 'up' }))
    wx.compressImage.mockImplementation(failWith('compressImage:fail'))
    const upload = await chosen(await open('index'))
    expect(wx.compressImage.mock.calls[0][0].compressedWidth).toBe(1600)
    expect(upload.options.filePath).toBe('wxfile://chosen.jpg')
  })
})

describe('a photo that the phone cannot measure, such as an iPhone’s HEIC on Android', () => {
  const unmeasured = ['wxfile://tmp_1.heic']

  beforeEach(() => {
    wx.chooseMedia.mockImplementation(answerWith({ tempFiles: [{ tempFilePath: unmeasured[0] }] }))
    wx.getImageInfo.mockImplementation(options => unmeasured.includes(options.src)
      ? options.fail({ errMsg: 'getImageInfo:fail file not support' })
      : options.success({ width: 800, height: 600, orientation: 'up' }))
  })

  test('is compressed, then sent and shown like any other', async () => {
    const page = await open('index')
    const upload = await chosen(page)
    expect(wx.compressImage.mock.calls[0][0]).toMatchObject({ src: 'wxfile://tmp_1.heic', quality: 85 })
    expect(wx.compressImage.mock.calls[0][0]).not.toHaveProperty('compressedWidth')
    expect(upload.options.filePath).toBe('wxfile://smaller.jpg')
    upload.answer(answer([FACE]))
    await settle()
    expect(page.data.boxes).toHaveLength(1)
  })

  test('is sent as it is if it cannot be compressed either, and answered without boxes', async () => {
    wx.compressImage.mockImplementation(failWith('compressImage:fail'))
    const page = await open('index')
    const upload = await chosen(page)
    expect(upload.options.filePath).toBe('wxfile://tmp_1.heic')
    upload.answer(answer([FACE]))
    await settle()
    expect(read(page, '#age')).toBe('34')
    expect(page.data.boxes).toEqual([])
  })
})

describe('cancelling', () => {
  test('at the action sheet or in the album changes nothing', async () => {
    wx.showActionSheet.mockImplementation(failWith('showActionSheet:fail cancel'))
    const page = await open('index')
    await tap(page, '#choose')
    wx.showActionSheet.mockImplementation(answerWith({ tapIndex: 1 }))
    wx.chooseMedia.mockImplementation(failWith('chooseMedia:fail cancel'))
    await tap(page, '#choose')
    expect(page.data.state).toBe('start')
    expect(wx.uploads).toHaveLength(0)
  })

  test('stops the upload, and a late answer changes nothing', async () => {
    const page = await open('index')
    const upload = await chosen(page)
    upload.fail = () => {} // too late: the answer is already on its way
    await tap(page, '#cancel')
    expect(upload.aborted).toBe(true)
    upload.answer(answer([FACE]))
    await settle()
    expect(page.data).toMatchObject({ state: 'start', path: '' })
    expect(wx.store.has('history')).toBe(false)
  })

  test('leaving the page stops the upload', async () => {
    const page = await open('index')
    const upload = await chosen(page)
    page.instance.onUnload()
    expect(upload.aborted).toBe(true)
  })
})

describe('errors', () => {
  const again = [
    ['uploadFile:fail timeout', 'timeout'],
    ['uploadFile:fail interrupted', 'interrupted'],
    ['uploadFile:fail net::ERR_CONNECTION_REFUSED', 'offline']
  ]
  test.each(again)('%s: explained, and can be retried', async (words, code) => {
    const page = await refusedBy(upload => upload.fail(words))
    expect(read(page, '#error')).toBe(zh.errors[code])
    await tap(page, '#retry')
    expect(wx.uploads).toHaveLength(2)
    wx.uploads[1].answer(answer([FACE]))
    await settle()
    expect(page.data.state).toBe('faces')
  })

  test('the server address is not among WeChat’s domains', async () => {
    const page = await refusedBy(upload => upload.fail('uploadFile:fail url not in domain list'))
    expect(read(page, '#error')).toBe(zh.errors.not_configured)
    expect(find(page, '#retry')).toBeUndefined()
  })

  test('to the background and back: the interrupted upload can be retried', async () => {
    const page = await open('index')
    const upload = await chosen(page)
    upload.fail('uploadFile:fail interrupted')
    page.instance.onShow()
    await settle()
    expect(read(page, '#error')).toBe(zh.errors.interrupted)
    expect(find(page, '#retry')).toBeDefined()
  })

  test('to the background and back in time: nothing is lost', async () => {
    const page = await open('index')
    const upload = await chosen(page)
    page.instance.onShow()
    upload.answer(answer([FACE]))
    await settle()
    expect(page.data.state).toBe('faces')
  })

  test('no permission for the camera: a button opens the settings', async () => {
    wx.chooseMedia.mockImplementation(failWith('chooseMedia:fail auth deny'))
    const page = await open('index')
    await tap(page, '#choose')
    expect(read(page, '#error')).toBe(zh.errors.denied)
    await tap(page, '#settings')
    expect(wx.openSetting).toHaveBeenCalled()
  })

  test('a format that the service refuses is named', async () => {
    wx.chooseMedia.mockImplementation(answerWith({ tempFiles: [{ tempFilePath: 'wxfile://tmp_1.dng' }] }))
    wx.getImageInfo.mockImplementation(failWith('getImageInfo:fail file not support'))
    wx.compressImage.mockImplementation(failWith('compressImage:fail'))
    const refuse = upload => upload.answer({ code: 'unsupported_type', status: 415 }, 415)
    const page = await refusedBy(refuse)
    expect(read(page, '#error')).toBe('不支持 DNG 格式，换一张 JPEG 或 PNG 吧。')
    wx.setStorageSync('language', 'en')
    page.instance.onShow()
    await settle()
    expect(read(page, '#error')).toBe('DNG cannot be read; try a JPEG or PNG.')
    wx.chooseMedia.mockImplementation(answerWith({ tempFiles: [{ tempFilePath: 'wxfile://tmp_2.jpg' }] }))
    expect(read(await refusedBy(refuse), '#error')).toBe('This format cannot be read; try a JPEG or PNG.')
  })
})

describe('consent', () => {
  test('is requested before the first photo, and kept', async () => {
    consent.withdraw()
    const page = await open('index')
    await tap(page, '#choose')
    expect(sheet(page)).toBe('face')
    expect(wx.chooseMedia).not.toHaveBeenCalled()
    await tap(page, '#sheet', '#agree')
    expect(consent.current()).toMatchObject({ guardian: false })
    expect(wx.uploads).toHaveLength(1)
    await tap(page, '#cancel')
    await tap(page, '#choose')
    expect(sheet(page)).toBe('')
  })

  test('refused: no photo is taken, and it is requested again next time', async () => {
    consent.withdraw()
    const page = await open('index')
    await tap(page, '#choose')
    await tap(page, '#sheet', '#refuse')
    expect(read(page, '#refused')).toBe(zh.refused)
    expect(wx.chooseMedia).not.toHaveBeenCalled()
    expect(consent.current()).toBeNull()
    await tap(page, '#choose')
    expect(sheet(page)).toBe('face')
  })

  test('under 14: asked by the sheet, and accepted only with a guardian’s', async () => {
    consent.withdraw()
    const page = await open('index')
    expect(read(page)).not.toContain(zh.child)
    await tap(page, '#choose')
    await tap(page, '#sheet', '#children')
    await tap(page, '#sheet', '#agree')
    expect(consent.current()).toBeNull()
    await tap(page, '#sheet', '#guardian')
    await tap(page, '#sheet', '#agree')
    expect(consent.current()).toMatchObject({ guardian: true })
  })

  test('a face that looks under 14: asked again, unless a guardian agreed', async () => {
    expect(find(await estimated(), '#child')).toBeUndefined()
    const page = await estimated([FACE, SECOND])
    await tap(page, '#child')
    expect(find(page, '#sheet').data.child).toBe(true)
    await tap(page, '#sheet', '#guardian')
    await tap(page, '#sheet', '#agree')
    expect(find(page, '#child')).toBeUndefined()
    expect(page.data.state).toBe('faces')
  })

  test('a guardian who declines: the answer goes, also from the history', async () => {
    const page = await estimated([SECOND])
    await tap(page, '#child')
    await tap(page, '#sheet', '#refuse')
    expect(page.data).toMatchObject({ state: 'start', path: '' })
    expect(wx.store.get('history')).toEqual([])
  })

  test('to an older text does not count', () => {
    wx.setStorageSync('consent', { version: 0 })
    expect(consent.current()).toBeNull()
  })

  test('withdrawn on the privacy page: the photo and its answer go', async () => {
    const page = await estimated()
    consent.withdraw()
    page.instance.onShow()
    await settle()
    expect(page.data).toMatchObject({ state: 'start', path: '', boxes: [] })
  })

  test('withdrawn during an estimate: the answer is neither shown nor kept', async () => {
    const page = await open('index')
    const upload = await chosen(page)
    consent.withdraw()
    upload.answer(answer([FACE]))
    await settle()
    expect(page.data.state).toBe('start')
    expect(wx.store.has('history')).toBe(false)
  })
})

describe('WeChat’s privacy authorisation', () => {
  async function asked() {
    const page = await open('index')
    const resolve = jest.fn()
    wx.needPrivacy(resolve)
    await settle()
    expect(resolve).toHaveBeenCalledWith({ event: 'exposureAuthorization' })
    expect(sheet(page)).toBe('privacy')
    return { page, resolve }
  }

  test('given', async () => {
    const { page, resolve } = await asked()
    find(page, '#sheet', '#agree-privacy').dispatchEvent('agreeprivacyauthorization')
    await settle()
    expect(resolve).toHaveBeenLastCalledWith({ event: 'agree', buttonId: 'agree-privacy' })
    expect(sheet(page)).toBe('')
  })

  test('refused', async () => {
    const { page, resolve } = await asked()
    await tap(page, '#sheet', '#refuse')
    expect(resolve).toHaveBeenLastCalledWith({ event: 'disagree' })
  })

  test('refused: no photo', async () => {
    wx.requirePrivacyAuthorize.mockImplementation(failWith('requirePrivacyAuthorize:fail'))
    const page = await open('index')
    await tap(page, '#choose')
    expect(read(page, '#error')).toBe(zh.errors.privacy_refused)
    expect(wx.chooseMedia).not.toHaveBeenCalled()
  })

  test('requested when no page can show it: refused', () => {
    consent.showWith(null)
    const resolve = jest.fn()
    wx.needPrivacy(resolve)
    expect(resolve).toHaveBeenCalledWith({ event: 'disagree' })
  })
})

describe('guess first, then see', () => {
  const slide = async (page, value) => {
    find(page, '#slider').dispatchEvent('change', { detail: { value } })
    await settle()
  }

  test('the answer is hidden until the guess is in, then both are compared', async () => {
    await tap(await open('index'), '#mode')
    const page = await estimated([FACE, SECOND])
    expect(page.data.state).toBe('guess')
    expect(find(page, '#age')).toBeUndefined()
    expect(read(page)).not.toContain('34')
    await slide(page, 36)
    expect(read(page, '#guessed')).toBe('36')
    await tap(page, '#see')
    expect(read(page, '#age')).toBe('34')
    expect(read(page, '#compared')).toBe('你猜 36 岁，只差 2 岁，好眼力！')
    await tap(page, '#language')
    expect(read(page, '#compared')).toBe('You guessed 36, only 2 off. Good eye!')
    page.querySelectorAll('.chip')[1].dispatchEvent('tap')
    await settle()
    expect(find(page, '#compared')).toBeUndefined()
  })

  test('it is kept, and a tap ends it', async () => {
    await tap(await open('index'), '#mode')
    const page = await open('index')
    expect(page.data.guessing).toBe(true)
    await tap(page, '#mode')
    expect((await estimated()).data.state).toBe('faces')
  })

  test.each([[34, '一样'], [31, '只差 3 岁'], [40, '差了 6 岁']])('%i is in words %s', (guess, words) => {
    expect(require('../src/guess').compare(guess, 34)).toContain(words)
  })
})

describe('the rest of the page', () => {
  test('the language follows WeChat; a tap changes it, also in the answer', async () => {
    const page = await estimated()
    await tap(page, '#language')
    expect(read(page, '#gender')).toBe('female')
    expect(read(page, '#choose')).toBe(en.another)
    global.wx = freshWx({ language: 'en' })
    expect(read(await open('index'), '#choose')).toBe(en.choose)
  })

  test('an error follows the language', async () => {
    const page = await refusedBy(upload => upload.fail('uploadFile:fail timeout'))
    await tap(page, '#language')
    expect(read(page, '#error')).toBe(en.errors.timeout)
  })

  test('sharing never shows the photo', async () => {
    const page = await estimated()
    expect(page.instance.onShareAppMessage()).toEqual({
      title: '颜龄说我看起来 34 岁，你呢？', path: '/pages/index/index', imageUrl: '/images/cover.png'
    })
    expect(page.instance.onShareTimeline().imageUrl).toBe('/images/cover.png')
  })

  test('place and weather: nothing requested or shown without a key', async () => {
    const page = await open('index')
    expect(wx.request).not.toHaveBeenCalled()
    expect(find(page, '#place')).toBeUndefined()
    expect(read(page)).toContain(`${new Date().getDate()}日`)
  })

  test('the card page gets the photo and its faces', async () => {
    const page = await estimated()
    const emit = jest.fn()
    await tap(page, '#card')
    wx.navigateTo.mock.calls[0][0].success({ eventChannel: { emit } })
    expect(emit).toHaveBeenCalledWith('card', {
      photo: { path: 'wxfile://smaller.jpg', width: 800, height: 600 }, faces: [expect.objectContaining(FACE)], chosen: 0
    })
  })

  test('links', async () => {
    const page = await open('index')
    await tap(page, '#history')
    await tap(page, '#privacy')
    expect(wx.navigateTo.mock.calls.map(([{ url }]) => url)).toEqual([
      '/pages/history/history', '/pages/privacy/privacy'
    ])
  })
})
