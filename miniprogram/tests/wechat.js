// A stand-in for WeChat: its `wx`, and pages as miniprogram-simulate can render them.
const path = require('path')
const simulate = require('miniprogram-simulate')
const utils = require('miniprogram-simulate/src/utils')

const SRC = path.join(__dirname, '..', 'src')
const FACE = {
  age: 34,
  gender: 'Female',
  age_range: [25, 43],
  gender_confidence: 0.92,
  box: { left: 100, top: 50, width: 200, height: 250 }
}

const answerWith = result => options => options.success(result)
const failWith = errMsg => options => options.fail({ errMsg })

/** A fresh `wx`: every call succeeds unless a test changes it. */
function freshWx({ language = 'zh_CN' } = {}) {
  const store = new Map()
  const uploads = []
  const wx = {
    store,
    uploads,
    getStorageSync: key => store.has(key) ? store.get(key) : '',
    setStorageSync: (key, value) => store.set(key, JSON.parse(JSON.stringify(value))),
    removeStorageSync: key => store.delete(key),
    getAppBaseInfo: () => ({ language }),
    uploadFile(options) {
      const upload = { options, progress: () => {}, aborted: false }
      upload.answer = (data, statusCode = 200) => {
        options.success({ statusCode, data: typeof data === 'string' ? data : JSON.stringify(data) })
      }
      upload.fail = errMsg => options.fail({ errMsg })
      uploads.push(upload)
      return {
        onProgressUpdate: listener => { upload.progress = progress => listener({ progress }) },
        abort: () => { upload.aborted = true; upload.fail('uploadFile:fail abort') }
      }
    },
    onNeedPrivacyAuthorization: listener => { wx.needPrivacy = listener }
  }
  const replies = {
    requirePrivacyAuthorize: {},
    getPrivacySetting: { needAuthorization: false, privacyContractName: '《颜龄隐私保护指引》' },
    showActionSheet: { tapIndex: 1 },
    chooseMedia: { tempFiles: [{ tempFilePath: 'wxfile://chosen.jpg' }] },
    getImageInfo: { width: 800, height: 600, orientation: 'up' },
    compressImage: { tempFilePath: 'wxfile://smaller.jpg' },
    showModal: { confirm: true },
    canvasToTempFilePath: { tempFilePath: 'wxfile://card.jpg' },
    showShareImageMenu: {},
    saveImageToPhotosAlbum: {},
    request: { statusCode: 500, data: {} }
  }
  for (const name of Object.keys(replies)) wx[name] = jest.fn(answerWith(replies[name]))
  for (const name of ['setNavigationBarTitle', 'navigateTo', 'openSetting', 'openPrivacyContract', 'showToast']) {
    wx[name] = jest.fn()
  }
  return wx
}

// jest runs a file once, but each page registers its components again.
const register = global.Component
const defined = {}

utils.runJs = file => {
  global.Component = definition => { defined[file] = definition }
  global.Page = ({ data, ...methods }) => {
    defined[file] = { data, methods: { getOpenerEventChannel: () => global.openerChannel, ...methods } }
  }
  if (!defined[file]) require(file)
  register({ ...defined[file] })
}

const loaded = {}

function render(name, properties) {
  loaded[name] = loaded[name] || simulate.load(path.join(SRC, name), { compiler: 'simulate', rootPath: SRC })
  const view = simulate.render(loaded[name], properties)
  view.attach(document.createElement('body'))
  return view
}

/** Open a page as WeChat would. */
async function open(name) {
  const page = render(`pages/${name}/${name}`)
  const { instance } = page
  for (const step of ['onLoad', 'onShow', 'onReady']) if (instance[step]) instance[step]({})
  await settle()
  return page
}

async function settle() {
  for (let turn = 0; turn < 4; turn++) await simulate.sleep(0)
}

function find(view, ...selectors) {
  return selectors.reduce((at, selector) => at && at.querySelector(selector), view)
}

async function tap(view, ...selectors) {
  const target = find(view, ...selectors)
  if (!target) throw new Error(`nothing to tap: ${selectors.join(' ')}`)
  target.dispatchEvent('tap')
  await settle()
}

/** The text that a user sees, of the whole view or one element. */
function read(view, ...selectors) {
  const at = find(view, ...selectors)
  return at ? at.dom.textContent.replace(/\s+/g, ' ').trim() : null
}

module.exports = { SRC, FACE, answerWith, failWith, freshWx, render, open, settle, find, tap, read }
