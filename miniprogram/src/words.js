// All texts, Chinese first. Pages put `text()` into their data.
const KEY = 'language'

const zh = {
  language: 'zh',
  title: '颜龄',
  tagline: '这张脸，看起来几岁？',
  other: 'EN',
  otherLabel: 'Switch to English',
  by: '出品',
  start: '拍一张，或从相册挑一张',
  choose: '选照片',
  another: '换一张',
  camera: '拍照',
  album: '从相册选择',
  sending: '请稍候，照片在路上',
  looking: '请稍候，正在仔细端详…',
  cancel: '取消',
  retry: '再试一次',
  settings: '去设置里打开',
  none: '请提交人脸图片！',
  noneHint: '风景、奶茶和猫我都喜欢，可惜看不出它们的年龄。',
  photo: '你选的照片', years: '岁',
  age: '年龄', gender: '性别',
  Male: '男', Female: '女',
  maybe: '多半是',
  range: '真实年龄大约在',
  note: '十张脸里大约有八张，真实年龄落在这个范围。这只是看起来的年龄，别太当真。',
  notes: {
    unsure: '我不太确定这是一张人脸，别当真。',
    cut_off: '脸没有拍全，估计会差好几岁。',
    small: '脸在照片里太小，我不太有把握。',
    turned: '脸侧过去了，正面照会更准。',
    blurred: '有点模糊，清楚些的照片会更准。',
    dark: '光线有点暗，亮一些会更准。',
    child: '像是个小朋友，从脸上很难看出是男孩还是女孩。'
  },
  several: '点方框或下面的数字，换一张脸看',
  notJudged: '照片里的脸太多，还有 {count} 张没有看。想看的话，裁下一块再来。',
  unsupported: '不支持 {format} 格式，换一张 JPEG 或 PNG 吧。',
  face: '脸',
  share: '做张卡片',
  invite: '发给朋友',
  history: '历史',
  privacy: '隐私',
  refused: '好，那就不看。想看的时候再来。',
  child: '照片里有未满 14 岁的人？',
  shareTitle: '我看起来几岁？让颜龄猜一猜',
  shareResult: '颜龄说我看起来 {age} 岁，你呢？',
  card: {
    title: '分享卡片',
    blur: '人脸打码',
    crop: '只留这张脸',
    none: '不放照片',
    save: '存到相册',
    send: '发给朋友',
    saved: '存好了',
    failed: '没有成功',
    label: '卡片预览',
    hint: '卡片只在手机上生成，不上传。没检测到的脸不会打码，发送前请看一眼。'
  },
  records: {
    title: '历史',
    empty: '还没有记录。去拍一张？',
    note: '只记在这部手机里，最多 50 条，不存照片。',
    erase: '删除',
    eraseAll: '全部清空',
    sure: '清空全部历史？',
    more: '等 {count} 张脸'
  },
  consent: {
    face: '先说清楚，再看脸',
    facePoints: [
      '照片会通过网络传到我们的服务器，只用来估计年龄和性别。',
      '不认人、不比对，照片不保存：算完就从内存里消失。',
      '请只用自己的照片，或先问过照片里的人。'
    ],
    faceAgree: '单独同意，看脸吧',
    adults: '照片里的人都满 14 岁',
    children: '照片里有人未满 14 岁',
    guardian: '我是 TA 的父母或监护人，我同意',
    privacy: '微信还要问一句',
    privacyPoints: ['使用相册和相机之前，请阅读并同意本小程序的隐私保护指引。'],
    privacyAgree: '同意',
    guide: '《用户隐私保护指引》',
    more: '照片会怎样？',
    refuse: '不同意'
  },
  policy: {
    title: '隐私',
    sections: [
      { title: '照片会怎样', body: '你选的照片在手机上压缩后，经加密的网络传到本小程序的服务器。服务器在内存里估计年龄和性别，回答完照片就消失，不存盘、不认人、不给任何第三方，也不用来训练。' },
      { title: '手机里留下什么', body: '你的同意、语言选择和历史（年龄、性别、时间，没有照片）只存在这部手机里。' },
      { title: '未满 14 岁', body: '照片里有未满 14 岁的人时，须由父母或其他监护人同意。' },
      { title: '有多准', body: '这是程序估计的“看起来几岁”，会有误差。不要据此对任何人做决定。' }
    ],
    weather: { title: '城市和天气', body: '页首的城市和天气由腾讯位置服务按手机的 IP 地址给出，它会收到这个地址。' },
    given: '你已在 {when} 同意看脸',
    guardian: '（含监护人同意）',
    missing: '你还没有同意看脸，不会上传任何照片',
    withdraw: '撤回同意，清空历史',
    sure: '撤回同意并清空历史？服务器上没有保存照片，无需删除。',
    withdrawn: '已撤回',
    contact: '联系我们：'
  },
  bands: [
    [3, '奶声奶气'], [12, '作业写完了吗？'], [17, '正是嫌爸妈烦的年纪'], [24, '青春没有售价'],
    [34, '风华正茂'], [44, '有故事的人'], [59, '越陈越香'], [120, '岁月都站在你这边']
  ],
  errors: {
    offline: '连不上服务器，检查一下网络？',
    timeout: '等太久了，网络有点慢。',
    interrupted: '切到后台太久，微信中断了上传。',
    busy: '现在人太多，稍等几秒再试。',
    rate_limited: '点得太快啦，歇一口气再来。',
    internal: '服务器开了个小差，不怪你。',
    unreadable: '服务器的回答看不懂。',
    not_configured: '小程序还没有配置好，请告诉作者。',
    not_found: '小程序用错了地址，请告诉作者。',
    method_not_allowed: '小程序用错了请求方式，请告诉作者。',
    missing_file: '照片没有传上来，请重选一张。',
    empty_file: '这个文件是空的，换一张吧。',
    bad_request: '请求有误，请重选一张。',
    unauthorized: '小程序没有服务器要求的密钥，请告诉作者。',
    unsupported_type: '不支持这种格式，换一张 JPEG 或 PNG 吧。',
    bad_image: '这张照片打不开，可能坏了。',
    too_large: '照片太大了，超过 10 MB。',
    too_many_pixels: '照片像素太多，换一张小一点的。',
    photo_gone: '照片已被手机清理，请重选一张。',
    denied: '没有相机或相册权限，看不到照片。',
    privacy_refused: '未同意隐私指引，微信不提供照片。'
  }
}

const en = {
  language: 'en',
  title: 'Yanling',
  tagline: 'How old does this face look?',
  other: '中文',
  otherLabel: '切换到中文',
  by: 'by',
  start: 'Take a photo, or pick one',
  choose: 'Choose a photo',
  another: 'Another photo',
  camera: 'Take a photo',
  album: 'From the album',
  sending: 'Please wait, sending the photo',
  looking: 'Please wait, having a good look…',
  cancel: 'Cancel',
  retry: 'Try again',
  settings: 'Open settings',
  none: 'A photo with a face, please!',
  noneHint: 'Landscapes, milk tea and cats are lovely, but I cannot tell their age.',
  photo: 'Your photo', years: 'years',
  age: 'Age', gender: 'Gender',
  Male: 'male', Female: 'female',
  maybe: 'probably ',
  range: 'True age is around',
  note: 'For about eight faces in ten the true age is in this range. This is how old a face looks, so take it lightly.',
  notes: {
    unsure: 'I am not sure that this is a face.',
    cut_off: 'Part of the face is outside the photo; I may be several years off.',
    small: 'The face is small in the photo, so I am less sure.',
    turned: 'The face is turned away; a frontal photo would help.',
    blurred: 'A bit blurred; a sharper photo would help.',
    dark: 'Rather dark; more light would help.',
    child: 'This looks like a child; from the face alone I cannot tell a girl from a boy.'
  },
  several: 'Tap a box or a number to choose a face',
  notJudged: 'Too many faces: {count} more were not judged. To see them, send a part of the photo.',
  unsupported: '{format} cannot be read; try a JPEG or PNG.',
  face: 'Face',
  share: 'Make a card',
  invite: 'Send to a friend',
  history: 'History',
  privacy: 'Privacy',
  refused: 'Fine, no estimate then. Come back any time.',
  child: 'Is anyone in the photo under 14?',
  shareTitle: 'How old do I look? Let Yanling guess',
  shareResult: 'Yanling says I look {age}. And you?',
  card: {
    title: 'Share card',
    blur: 'Hide faces',
    crop: 'This face only',
    none: 'No photo',
    save: 'Save to album',
    send: 'Send to a friend',
    saved: 'Saved',
    failed: 'That did not work',
    label: 'Preview of the card',
    hint: 'Drawn on the phone, not uploaded. A face that was not detected is not hidden: check before you send.'
  },
  records: {
    title: 'History',
    empty: 'Nothing yet. Take a photo?',
    note: 'Kept on this phone only, 50 at most, without photos.',
    erase: 'Delete',
    eraseAll: 'Erase all',
    sure: 'Erase the whole history?',
    more: '{count} faces'
  },
  consent: {
    face: 'Before we look at a face',
    facePoints: [
      'The photo travels over the internet to our server, only to estimate age and gender.',
      'Nobody is identified or compared, and no photo is kept: it is deleted from memory with the answer.',
      'Use your own photo, or ask whoever is in it first.'
    ],
    faceAgree: 'I agree, go ahead',
    adults: 'Everyone in my photos is 14 or older',
    children: 'Someone in my photos is under 14',
    guardian: 'I am the parent or guardian, and I agree',
    privacy: 'WeChat has a question too',
    privacyPoints: ['Before using the album and camera, please read and accept the privacy guideline.'],
    privacyAgree: 'Agree',
    guide: 'Privacy guideline',
    more: 'What happens to a photo?',
    refuse: 'Decline'
  },
  policy: {
    title: 'Privacy',
    sections: [
      { title: 'What happens to a photo', body: 'The phone compresses the photo you choose and sends it encrypted to this mini-program’s server. The server estimates age and gender in memory, answers, and deletes the photo. It is not stored, nobody is identified, no third party gets it, and it is not used for training.' },
      { title: 'What stays on the phone', body: 'Your consent, your language and the history (ages, genders, times, no photos) are on this phone only.' },
      { title: 'Under 14', body: 'When anyone in the photo is under 14, a parent or other guardian must agree.' },
      { title: 'Accuracy', body: 'A program’s estimate of how old a face looks; it can be wrong. Do not use it to decide anything about a person.' }
    ],
    weather: { title: 'City and weather', body: 'Tencent Location Service gives the city and weather for the phone’s IP address, which it receives.' },
    given: 'You agreed to face estimates on {when}',
    guardian: ' (with a guardian’s consent)',
    missing: 'You have not agreed to face estimates; no photo is sent',
    withdraw: 'Withdraw consent and erase history',
    sure: 'Withdraw consent and erase the history? The server has stored nothing.',
    withdrawn: 'Withdrawn',
    contact: 'Contact: '
  },
  bands: [
    [3, 'Fresh from the cradle'], [12, 'Homework done?'], [17, 'Parents are so embarrassing'],
    [24, 'Youth is priceless'], [34, 'In full bloom'], [44, 'Full of stories'],
    [59, 'Ageing like a fine tea'], [120, 'Time is on your side']
  ],
  errors: {
    offline: 'The server cannot be reached. Are you online?',
    timeout: 'That took too long; the network is slow.',
    interrupted: 'In the background too long: WeChat stopped the upload.',
    busy: 'Many faces today. Try again in a few seconds.',
    rate_limited: 'That was quick! Take a breath, then try again.',
    internal: 'The server stumbled. Not your fault.',
    unreadable: 'The server’s answer made no sense.',
    not_configured: 'This mini-program is not set up yet; please tell its author.',
    not_found: 'This mini-program uses a wrong address; please tell its author.',
    method_not_allowed: 'This mini-program uses a wrong method; please tell its author.',
    missing_file: 'The photo was not sent; please choose again.',
    empty_file: 'This file is empty; try another.',
    bad_request: 'The request was malformed; please choose again.',
    unauthorized: 'This mini-program lacks the key that the server requires; please tell its author.',
    unsupported_type: 'This format cannot be read; try a JPEG or PNG.',
    bad_image: 'This photo cannot be opened; it may be broken.',
    too_large: 'The photo is too large: more than 10 MB.',
    too_many_pixels: 'The photo has too many pixels; try a smaller one.',
    photo_gone: 'The phone has deleted the photo; please choose again.',
    denied: 'Without access to the camera or album there is no photo.',
    privacy_refused: 'WeChat provides no photo until you accept the privacy guideline.'
  }
}

function text() {
  const language = wx.getStorageSync(KEY) || wx.getAppBaseInfo().language
  return !language || language.startsWith('zh') ? zh : en
}

function switchLanguage() {
  wx.setStorageSync(KEY, text().language === 'zh' ? 'en' : 'zh')
}

/** `{name}` in a sentence replaced by its value. */
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name])
}

/** An error in words; `path`: the photo's, whose ending names a format that the service refuses. */
function error(code, path = '') {
  const t = text()
  const [, ending = 'jpg'] = path.match(/\.(\w{2,5})$/) || []
  if (code === 'unsupported_type' && !/^(jpe?g|png)$/i.test(ending)) {
    return fill(t.unsupported, { format: ending.toUpperCase() })
  }
  return t.errors[code] || t.errors.internal
}

/** A face in words. */
function describe({ age, gender, age_range: [low, high], gender_confidence: sure = 1, notes = [] }) {
  const t = text()
  const quip = t.bands.find(([upTo]) => age <= upTo)[1]
  const warnings = notes.map(note => t.notes[note]).filter(Boolean)
  return { age, low, high, quip, warnings, gender: (sure < 0.8 ? t.maybe : '') + t[gender] }
}

module.exports = { text, switchLanguage, fill, error, describe, languages: { zh, en } }
