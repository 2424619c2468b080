// WeChat's success/fail callbacks as promises; a failure is an Error with WeChat's message.
function call(name, options = {}) {
  return new Promise((resolve, reject) => {
    wx[name]({ ...options, success: resolve, fail: ({ errMsg }) => reject(new Error(errMsg)) })
  })
}

module.exports = { call }
