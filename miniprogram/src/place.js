// City, district and weather from Tencent Location Service, by the phone's IP address, so no
// permission is needed. Off without a key; if anything fails, nothing is shown.
const config = require('./config')
const { call } = require('./wechat')

const SERVICE = 'https://apis.map.qq.com/ws'

/** { place, weather } in the service's own words (Chinese), or null. */
async function here() {
  if (!config.placeKey) return null
  try {
    const { ad_info: area } = await ask('/location/v1/ip', {})
    const place = [area.city, area.district].filter(Boolean).join(' ')
    return place ? { place, weather: await weather(area.adcode) } : null
  } catch {
    return null
  }
}

async function weather(adcode) {
  try {
    const { realtime: [{ infos }] } = await ask('/weather/v1/', { adcode })
    return `${infos.weather} ${infos.temperature}°C`
  } catch {
    return ''
  }
}

async function ask(path, data) {
  const url = SERVICE + path
  const reply = await call('request', { url, data: { ...data, key: config.placeKey }, timeout: 5000 })
  if (reply.statusCode !== 200 || reply.data.status !== 0) throw new Error(reply.data.message)
  return reply.data.result
}

module.exports = { here }
