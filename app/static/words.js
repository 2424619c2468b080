// All texts of the page, in both languages; the mini-program has the same voice.
const KEY = 'language'

const zh = {
  language: 'zh-CN',
  title: '颜龄：这张脸，看起来几岁？',
  tagline: '这张脸，看起来几岁？',
  other: 'English',
  otherLanguage: 'en',
  choose: '选照片',
  another: '换一张',
  camera: '拍照',
  start: '拍一张，或从相册挑一张',
  hint: '把照片拖到这里，或者粘贴',
  drop: '松手，让我看看',
  preparing: '请稍候，正在准备照片',
  sending: '请稍候，照片在路上',
  looking: '请稍候，正在仔细端详…',
  cancel: '取消',
  cancelled: '已取消',
  retry: '再试一次',
  photo: '你选的照片',
  age: '年龄',
  years: '岁',
  gender: '性别',
  Male: '男',
  Female: '女',
  maybe: '多半是',
  sure: '把握 {percent}%',
  range: '真实年龄大约在 {low}–{high} 岁',
  coverage: '十张脸里大约有 {faces} 张，真实年龄落在这个范围。这只是看起来的年龄，别太当真。',
  chart: '各个年龄的可能性，最可能是 {peak} 岁；着色部分是 {low} 到 {high} 岁',
  axis: '各个年龄的可能性',
  several: '共 {count} 张脸。点方框或数字，换一张看',
  notJudged: '照片里的脸太多，还有 {count} 张没有看。想看的话，裁下一块再来。',
  face: '第 {number} 张脸：{age} 岁，{gender}',
  one: '看起来 {age} 岁，{gender}，大约在 {low} 到 {high} 岁之间。',
  many: '找到 {count} 张脸。第 {number} 张：',
  notes: {
    unsure: '我不太确定这是一张人脸，别当真。',
    cut_off: '脸没有拍全，估计会差好几岁。',
    small: '脸在照片里太小，我不太有把握。',
    turned: '脸侧过去了，正面照会更准。',
    blurred: '有点模糊，清楚些的照片会更准。',
    dark: '光线有点暗，亮一些会更准。',
    child: '像是个小朋友，从脸上很难看出是男孩还是女孩。'
  },
  none: '请提交人脸图片！',
  noneHint: '风景、奶茶和猫我都喜欢，可惜看不出它们的年龄。',
  developers: '给开发者：JSON 和 curl',
  curl: '命令行里的同一个请求',
  json: '服务器的回答',
  copy: '复制',
  copied: '复制好了',
  shoot: '拍摄',
  close: '关闭',
  preview: '相机画面',
  privacy: '照片先在浏览器里缩小，去掉拍摄的地点和时间，然后只发给这台服务器；服务器在内存里估计，随后删除照片。浏览器打不开的文件会原样发送：服务器也许打得开，否则会说明原因。',
  error: '这是程序估计的“看起来几岁”，会有误差：在 {faces} 张验证集的脸上，平均差 {years} 岁。不要据此对任何人做决定。',
  errorUnknown: '这是程序估计的“看起来几岁”，会有误差。不要据此对任何人做决定。',
  contract: '接口说明',
  bands: [
    [3, '奶声奶气'], [12, '作业写完了吗？'], [17, '正是嫌爸妈烦的年纪'], [24, '青春没有售价'],
    [34, '风华正茂'], [44, '有故事的人'], [59, '越陈越香'], [120, '岁月都站在你这边']
  ],
  errors: {
    offline: '连不上服务器，检查一下网络？',
    timeout: '等太久了，网络有点慢。',
    busy: '现在人太多，稍等几秒再试。',
    rate_limited: '点得太快啦，歇一口气再来。',
    internal: '服务器开了个小差，不怪你。',
    unreadable: '服务器的回答看不懂。',
    not_found: '页面用错了地址，请告诉管理员。',
    method_not_allowed: '页面用错了请求方式，请告诉管理员。',
    missing_file: '照片没有传上来，请重选一张。',
    empty_file: '这个文件是空的，换一张吧。',
    bad_request: '请求有误，请重选一张。',
    unauthorized: '这台服务器要求密钥，而网页没有。请联系管理员。',
    unsupported_type: '不支持这种格式，换一张 JPEG 或 PNG 吧。',
    bad_image: '这张照片打不开，可能坏了。',
    too_large: '照片太大了，超过 {megabytes} MB。',
    too_many_pixels: '照片像素太多，换一张小一点的。',
    no_file: '这不是照片文件。请先保存照片，再选它。',
    denied: '没有相机权限，看不到你。',
    no_camera: '没有找到相机，选一张照片吧。',
    camera_failed: '相机打不开，也许别的程序正在用。'
  }
}

const en = {
  language: 'en',
  title: 'Yanling: how old does this face look?',
  tagline: 'How old does this face look?',
  other: '中文',
  otherLanguage: 'zh-CN',
  choose: 'Choose a photo',
  another: 'Another photo',
  camera: 'Use the camera',
  start: 'Take a photo, or pick one',
  hint: 'Drop a photo here, or paste it',
  drop: 'Let go, and I’ll have a look',
  preparing: 'Please wait, getting the photo ready',
  sending: 'Please wait, sending the photo',
  looking: 'Please wait, having a good look…',
  cancel: 'Cancel',
  cancelled: 'Cancelled',
  retry: 'Try again',
  photo: 'Your photo',
  age: 'Age',
  years: 'years',
  gender: 'Gender',
  Male: 'male',
  Female: 'female',
  maybe: 'probably ',
  sure: '{percent}% sure',
  range: 'True age is around {low}–{high} years',
  coverage: 'For about {faces} faces in ten the true age is in this range. This is how old a face looks, so take it lightly.',
  chart: 'How likely each age is: most likely {peak}; shaded from {low} to {high}',
  axis: 'How likely each age is',
  several: '{count} faces. Tap a box or a number to choose another',
  notJudged: 'Too many faces: {count} more were not judged. To see them, send a part of the photo.',
  face: 'Face {number}: {age} years, {gender}',
  one: 'Looks {age} years old, {gender}, probably {low} to {high}.',
  many: '{count} faces found. Number {number}: ',
  notes: {
    unsure: 'I am not sure that this is a face.',
    cut_off: 'Part of the face is outside the photo; I may be several years off.',
    small: 'The face is small in the photo, so I am less sure.',
    turned: 'The face is turned away; a frontal photo would help.',
    blurred: 'A bit blurred; a sharper photo would help.',
    dark: 'Rather dark; more light would help.',
    child: 'This looks like a child; from the face alone I cannot tell a girl from a boy.'
  },
  none: 'A photo with a face, please!',
  noneHint: 'Landscapes, milk tea and cats are lovely, but I cannot tell their age.',
  developers: 'For developers: JSON and curl',
  curl: 'The same request on the command line',
  json: 'The server’s answer',
  copy: 'Copy',
  copied: 'Copied',
  shoot: 'Take the photo',
  close: 'Close',
  preview: 'What the camera sees',
  privacy: 'This browser shrinks your photo and removes where and when it was taken. Only this server receives it, and deletes it from memory after the estimate. A file that this browser cannot open is sent unchanged: the server may be able to, or says why not.',
  error: 'A program’s estimate of how old a face looks. On {faces} validation faces it is wrong by {years} years on average. Do not use it to decide anything about a person.',
  errorUnknown: 'A program’s estimate of how old a face looks; it can be wrong. Do not use it to decide anything about a person.',
  contract: 'API description',
  bands: [
    [3, 'Fresh from the cradle'], [12, 'Homework done?'], [17, 'Parents are so embarrassing'],
    [24, 'Youth is priceless'], [34, 'In full bloom'], [44, 'Full of stories'],
    [59, 'Ageing like a fine tea'], [120, 'Time is on your side']
  ],
  errors: {
    offline: 'The server cannot be reached. Are you online?',
    timeout: 'That took too long; the network is slow.',
    busy: 'Many faces today. Try again in a few seconds.',
    rate_limited: 'That was quick! Take a breath, then try again.',
    internal: 'The server stumbled. Not your fault.',
    unreadable: 'The server’s answer made no sense.',
    not_found: 'This page uses a wrong address; please tell its operator.',
    method_not_allowed: 'This page uses a wrong method; please tell its operator.',
    missing_file: 'The photo was not sent; please choose again.',
    empty_file: 'This file is empty; try another.',
    bad_request: 'The request was malformed; please choose again.',
    unauthorized: 'This server requires a key, and this page has none. Please ask its operator.',
    unsupported_type: 'This format cannot be read; try a JPEG or PNG.',
    bad_image: 'This photo cannot be opened; it may be broken.',
    too_large: 'The photo is too large: more than {megabytes} MB.',
    too_many_pixels: 'The photo has too many pixels; try a smaller one.',
    no_file: 'That is not a photo file. Save it first, then choose it.',
    denied: 'Without camera permission I cannot see you.',
    no_camera: 'No camera found; choose a photo instead.',
    camera_failed: 'The camera does not start; another program may be using it.'
  }
}

let current = (remembered() ?? navigator.language).startsWith('zh') ? zh : en

/** The texts in the current language. */
export function words() {
  return current
}

export function switchLanguage() {
  current = current === zh ? en : zh
  try {
    localStorage.setItem(KEY, current.language)
  } catch { /* without storage the choice lasts as long as the page */ }
}

function remembered() {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** `{name}` in a sentence replaced by its value. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name])
}

/** A face in words. */
export function describe({ age, age_range: [low, high], gender, gender_confidence: sure }) {
  const t = current
  return {
    age: Math.round(age),
    low,
    high,
    quip: t.bands.find(([upTo]) => Math.round(age) <= upTo)[1],
    gender: (sure < 0.8 ? t.maybe : '') + t[gender],
    sure: fill(t.sure, { percent: Math.round(100 * sure) })
  }
}
