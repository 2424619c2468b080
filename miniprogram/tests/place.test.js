const { answerWith, failWith, freshWx, open, read } = require('./wechat')
const config = require('../src/config')
const place = require('../src/place')

const FOUND = { status: 0, result: { ad_info: { city: '杭州市', district: '西湖区', adcode: 330106 } } }
const WEATHER = { status: 0, result: { realtime: [{ infos: { weather: '多云', temperature: 21 } }] } }

beforeEach(() => {
  global.wx = freshWx()
  config.placeKey = 'key'
})
afterEach(() => { config.placeKey = '' })

const byAddress = ({ url, success }) => success({ statusCode: 200, data: url.includes('weather') ? WEATHER : FOUND })

test('off without a key', async () => {
  config.placeKey = ''
  expect(await place.here()).toBeNull()
  expect(wx.request).not.toHaveBeenCalled()
})

test('city, district and weather with one', async () => {
  wx.request.mockImplementation(byAddress)
  expect(await place.here()).toEqual({ place: '杭州市 西湖区', weather: '多云 21°C' })
  expect(read(await open('index'), '#place')).toBe('杭州市 西湖区 多云 21°C')
  expect(read(await open('privacy'))).toContain('腾讯位置服务')
})

test('nothing if the place fails; the place alone if only the weather fails', async () => {
  wx.request.mockImplementation(failWith('request:fail'))
  expect(await place.here()).toBeNull()
  wx.request.mockImplementation(answerWith({ statusCode: 200, data: { status: 311, message: 'key' } }))
  expect(await place.here()).toBeNull()
  wx.request.mockImplementation(options => options.url.includes('weather') ? options.fail({ errMsg: '' }) : byAddress(options))
  expect(await place.here()).toEqual({ place: '杭州市 西湖区', weather: '' })
})
