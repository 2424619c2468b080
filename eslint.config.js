// The page's JavaScript, by the mini-program's rules: `npm run lint` in miniprogram/ checks that,
// `miniprogram/node_modules/.bin/eslint app` here checks this.
const { createRequire } = require('node:module')

const rules = require('./miniprogram/eslint.config.js')
const globals = createRequire(require.resolve('./miniprogram/eslint.config.js'))('globals')

module.exports = [
  ...rules,
  {
    files: ['app/static/*.js'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module', globals: globals.browser }
  }
]
