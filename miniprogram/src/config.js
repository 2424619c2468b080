// The one file that an operator edits; docs/miniprogram.md explains each line.
module.exports = {
  // Your own Yanling. WeChat accepts only HTTPS on a domain listed as uploadFile's.
  server: 'https://yanling.example.com',

  // Milliseconds for a photo to go up and its answer to come back.
  timeout: 30000,

  // Shown in the header, and in the privacy page as whom to write to.
  author: 'Yanling',
  contact: '',

  // City, district and weather in the header, from Tencent Location Service (lbs.qq.com). Without
  // a key nothing is asked and nothing shown.
  placeKey: ''
}
