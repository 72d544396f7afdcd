// First of all, because others look at the language when they are loaded.
import './locale.ts'
import { render } from 'preact'
import { App } from './app.tsx'
import { connect, holdsRecording, playStatic } from './connection.ts'
import { startCursor, tick } from './cursor.ts'
import { tickGrids } from './grids.ts'
import { startKeyboard } from './keyboard.ts'
import { startTheme } from './theme.ts'
import './style.css'

// The server answers while the page is being made.
const held = holdsRecording()
if (!held) connect()
startTheme()
startCursor()
startKeyboard()
render(<App />, document.getElementById('app')!)

let last = performance.now()
const frame = (now: number) => {
  const passed = Math.min(100, now - last)
  tick(passed)
  tickGrids(passed)
  last = now
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)

if (held) await playStatic()
