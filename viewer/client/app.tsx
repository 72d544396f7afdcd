import { connection } from './connection.ts'
import { type Panel, panel } from './cursor.ts'
import { model, revision, runs } from './model.ts'
import { Config } from './panels/config.tsx'
import { Coupling } from './panels/coupling.tsx'
import { Episodes } from './panels/episodes.tsx'
import { Header } from './panels/header.tsx'
import { Help } from './panels/help.tsx'
import { Images } from './panels/images.tsx'
import { Timelines } from './panels/timelines.tsx'
import { Training } from './panels/training.tsx'
import { StageView } from './stage-view.tsx'

const PANELS: Readonly<Record<Panel, () => preact.ComponentChild>> = {
  episodes: Episodes,
  training: Training,
  coupling: Coupling,
  images: Images,
  config: Config,
}

/** The page. */
export function App() {
  revision.value
  const all = runs()
  const scenes = all.some(({ scene }) => scene)
  const tabs = tabsOf()
  const chosen = tabs.find(([name]) => name === panel.value)?.[0] ?? tabs[0][0]
  const Chosen = PANELS[chosen]
  return (
    <div class={`app ${scenes || all.length === 0 ? '' : 'flat'} ${all.length > 1 ? 'compared' : ''}`}>
      <Header />
      <main>
        {scenes ? <StageView /> : all.length > 0 ? <Images /> : <Waiting />}
        {model.notice && all.length > 0 && <p class={`notice ${model.notice.level}`}>{model.notice.text}</p>}
      </main>
      {scenes && <Timelines />}
      <aside>
        <div class="tabs" role="tablist">
          {tabs.map(([name, title]) => (
            <button
              type="button"
              role="tab"
              key={name}
              aria-selected={chosen === name}
              onClick={() => {
                panel.value = name
              }}
            >
              {title}
            </button>
          ))}
        </div>
        <div class="panel" role="tabpanel">
          <Chosen />
        </div>
      </aside>
      <Help />
    </div>
  )
}

/** The panels that have something to show. */
function tabsOf(): readonly (readonly [Panel, string])[] {
  const all = runs()
  const planners = all.some(({ info }) => info?.kind === 'planner')
  const tabs: (readonly [Panel, string] | false)[] = [
    all.some(({ scene }) => scene) && ['episodes', 'Episodes'],
    (planners || all.some(({ curves }) => curves)) && ['training', 'Training'],
    planners && ['coupling', 'Coupling'],
    all.some(({ scene, images }) => scene && images.size > 0) && ['images', 'Images'],
    ['config', 'Run'],
  ]
  return tabs.filter((tab) => tab !== false)
}

function Waiting() {
  return (
    <p class="waiting">
      {connection.value === 'open' ? (model.notice?.text ?? 'Loading the run …') : 'Connecting …'}
    </p>
  )
}
