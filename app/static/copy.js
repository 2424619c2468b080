// The buttons that copy what developers need.
import { words } from './words.js'

/** `say(text)`: tells a screen reader. */
export function listenToCopy(say) {
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.addEventListener('click', () => copy(button, say))
  }
}

function copy(button, say) {
  getSelection().selectAllChildren(document.getElementById(button.dataset.copy))
  // navigator.clipboard needs a secure page; this works on any
  if (document.execCommand('copy')) say(button.textContent = words().copied)
}
