// First of all, because others look at the language when they are loaded.
import './locale.ts'
import { render } from 'preact'
import { App } from './app.tsx'
import { connect, playStatic } from './connection.ts'
import { startCursor, tick } from './cursor.ts'
import { startKeyboard } from './keyboard.ts'
import { startTheme } from './theme.ts'
import './style.css'

startTheme()
startCursor()
startKeyboard()
render(<App />, document.getElementById('app')!)

let last = performance.now()
const frame = (now: number) => {
  tick(Math.min(100, now - last))
  last = now
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)

if (!(await playStatic())) connect()
