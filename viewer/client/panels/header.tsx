import { connection } from '../connection.ts'
import { helpOpen } from '../keyboard.ts'
import { revision, runs } from '../model.ts'
import { theme, toggleTheme } from '../theme.ts'
import { Icon } from './icon.tsx'

/** What is shown, whether it is live, and what can be done with all of it. */
export function Header() {
  revision.value
  const all = runs()
  const info = all[0]?.info
  return (
    <header>
      <h1>
        <span class="brand">immiscible</span>
        {info && <span class="title">{all.map((run) => run.info?.label).join(' and ')}</span>}
      </h1>
      {info && (
        <p class="subtitle" title={info.summary}>
          {info.environment}
          {all.every((run) => run.info?.step === info.step) && info.step > 0 ? ` · step ${info.step}` : ''}
        </p>
      )}
      <span class="spacer" />
      <Connection />
      {connection.value === 'open' && (
        <a class="button" href="export.html" download title="Save all this as one page that needs no server">
          <Icon name="save" />
          <span>Export</span>
        </a>
      )}
      <button
        type="button"
        class="button"
        onClick={toggleTheme}
        title="Dark or light (b)"
        aria-label="Dark or light"
      >
        <Icon name={theme.value === 'dark' ? 'sun' : 'moon'} />
      </button>
      <button
        type="button"
        class="button"
        onClick={() => {
          helpOpen.value = true
        }}
        title="Help (?)"
        aria-label="Help"
      >
        <Icon name="help" />
      </button>
    </header>
  )
}

const STATES = {
  connecting: ['', 'connecting'],
  open: ['good', 'live'],
  lost: ['bad', 'connection lost, trying again'],
  outdated: ['bad', 'the server is newer: reload the page'],
  static: ['', 'recording'],
} as const

function Connection() {
  const [mood, text] = STATES[connection.value]
  return (
    <span class={`connection ${mood}`} role="status" data-state={connection.value}>
      <i class="dot" />
      {text}
    </span>
  )
}
