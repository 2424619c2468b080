const { freshWx, render, settle, find, tap, read } = require('./wechat')
const { languages: { zh } } = require('../src/words')

beforeEach(() => { global.wx = freshWx() })

test('the sheet says what happens to a photo', async () => {
  const view = render('components/consent-sheet/consent-sheet', { kind: 'face', t: zh.consent })
  await settle()
  for (const point of zh.consent.facePoints) expect(read(view)).toContain(point)
  await tap(view, '#more')
  expect(wx.navigateTo).toHaveBeenCalledWith({ url: '/pages/privacy/privacy' })
})

test('the frame shows a placeholder until there is a photo', async () => {
  const view = render('components/photo-frame/photo-frame', { t: zh })
  await settle()
  expect(read(view)).toBe(zh.start)
  view.setData({ path: 'wxfile://a.jpg', boxes: ['left:0'] })
  await settle()
  expect(view.querySelectorAll('.box')).toHaveLength(1)
  expect(find(view, '.number')).toBeUndefined()
})
