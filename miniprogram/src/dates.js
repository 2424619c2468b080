// Dates as the home page and the history show them.
const { text } = require('./words')

const DAYS = {
  zh: ['日', '一', '二', '三', '四', '五', '六'],
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
}

function date(when = new Date()) {
  const { language } = text()
  const [month, day, weekday] = [when.getMonth() + 1, when.getDate(), DAYS[language][when.getDay()]]
  if (language === 'zh') return `${when.getFullYear()}年${month}月${day}日 星期${weekday}`
  return `${weekday}, ${isoDay(when)}`
}

function isoDay(when) {
  return [when.getFullYear(), when.getMonth() + 1, when.getDate()].map(pad).join('-')
}

/** Day and minute, the same in both languages. */
function moment(when) {
  return `${isoDay(when)} ${pad(when.getHours())}:${pad(when.getMinutes())}`
}

function pad(number) {
  return String(number).padStart(2, '0')
}

module.exports = { date, moment }
