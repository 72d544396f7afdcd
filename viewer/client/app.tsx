import { connection } from './connection.ts'
import { type Panel, panel } from './cursor.ts'
import { model, revision, runs } from './model.ts'
import { Episodes } from './panels/episodes.tsx'
import { Header } from './panels/header.tsx'
import { Timelines } from './panels/timelines.tsx'
import { StageView } from './stage-view.tsx'

/** The page. */
export function App() {
  revision.value
  return (
    <div class="app">
      <Header />
      <main>
        <StageView />
        {runs().length === 0 && <Waiting />}
      </main>
      <Timelines />
      <aside>
        <Tabs />
        <div class="panel" role="tabpanel">
          <Episodes />
        </div>
      </aside>
    </div>
  )
}

function Tabs() {
  const tabs: readonly (readonly [Panel, string])[] = [['episodes', 'Episodes']]
  return (
    <div class="tabs" role="tablist">
      {tabs.map(([name, title]) => (
        <button
          type="button"
          role="tab"
          key={name}
          aria-selected={panel.value === name}
          onClick={() => (panel.value = name)}
        >
          {title}
        </button>
      ))}
    </div>
  )
}

function Waiting() {
  return (
    <p class="waiting">
      {connection.value === 'open' ? (model.notice?.text ?? 'Loading the run …') : 'Connecting …'}
    </p>
  )
}
