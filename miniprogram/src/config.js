// The one file that an operator edits; docs/miniprogram.md explains each line.
module.exports = {
  // Your server. WeChat accepts only HTTPS, on a domain that you list for uploadFile.
  server: 'https://yanling.example.com',

  // Milliseconds for the upload and its answer.
  timeout: 30000,

  // The author is shown in the header, the contact on the privacy page.
  author: 'Yanling',
  contact: '',

  // City, district and weather in the header, from Tencent Location Service (lbs.qq.com). Without
  // a key nothing is requested or shown.
  placeKey: ''
}
