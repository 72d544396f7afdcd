import type { MessageOf } from '../../protocol/index.ts'
import { connection } from '../connection.ts'
import { episodeOf, onlyMode, planOf, replan } from '../cursor.ts'
import { model, type RunModel, revision } from '../model.ts'
import { modeColor, outcomeColor, runColor, theme } from '../theme.ts'

/** What is written over a run's scene: which run, how this episode goes, how all of them went. */
export function PaneOverlay(props: {
  readonly run: RunModel
  readonly compared: boolean
  readonly compact: boolean
}) {
  const { run, compared, compact } = props
  revision.value
  const found = episodeOf(run)
  const plan = planOf(run, replan.value)
  const modes = run.info?.modes ?? []
  return (
    <section class="pane" aria-label={run.info?.label}>
      <div class="pane-head">
        {compared && (
          <h2>
            <i class="tick" style={{ background: runColor(run.run, true, theme.value) }} />
            {run.info?.label}
          </h2>
        )}
        {found && (
          <p class="facts">
            <span class={`outcome ${found.success ? 'good' : 'bad'}`}>
              {found.success ? 'success' : 'failure'}
            </span>
            {found.mode >= 0 && (
              <span>
                <i class="dot" style={{ background: modeColor(found.mode, modes.length, theme.value) }} />
                {modes[found.mode]}
              </span>
            )}
            <span class="quiet">{plan ? counted(plan) : run.info?.kind === 'planner' && lackOfPlans()}</span>
          </p>
        )}
      </div>
      {run.episodes.size > 0 && <Histogram run={run} compact={compact} />}
    </section>
  )
}

function counted({ count, times }: MessageOf<'plan'>): string {
  return `${count === 1 ? '1 plan' : `${count} plans`}, ${times.length - 1} denoise steps`
}

/** Why no plan is drawn. */
function lackOfPlans(): string {
  if (connection.value === 'lost') return ''
  return model.interactive && connection.value === 'open'
    ? 'sampling plans …'
    : 'the recording holds no plans of this episode'
}

/** Modes whose names and counts there is room for. */
export const FEW = 6

/** How often each mode was shown by successful episodes, and how many failed. */
export function Histogram({ run, compact }: { readonly run: RunModel; readonly compact: boolean }) {
  revision.value
  const modes = run.info?.modes ?? []
  const episodes = [...run.episodes.values()]
  const good = episodes.filter(({ success }) => success)
  const counts =
    modes.length > 0
      ? modes.map((_, mode) => good.filter((episode) => episode.mode === mode).length)
      : [good.length]
  const names = modes.length > 0 ? modes : ['succeeded']
  const failed = episodes.length - good.length
  const most = Math.max(1, ...counts, failed)
  const total = episodes.length
  const choose = (mode: number) => () => {
    if (modes.length > 0) onlyMode.value = onlyMode.value === mode ? undefined : mode
  }
  const color = (mode: number) => outcomeColor(mode, modes.length, theme.value)
  const rate = Math.round((100 * good.length) / total)
  return (
    <div class={`histogram ${modes.length > FEW ? 'many' : ''} ${compact ? 'compact' : ''}`}>
      <p class="histogram-title">
        <b>{rate} %</b> of {total} {total === 1 ? 'episode' : 'episodes'} succeed
      </p>
      <div class="bars">
        {names.map((name, mode) => (
          <button
            type="button"
            class={`bar ${onlyMode.value === mode ? 'chosen' : ''} ${counts[mode] === 0 ? 'none' : ''}`}
            key={name}
            style={{ '--part': `${counts[mode]}` }}
            onClick={choose(mode)}
            title={`${name}: ${counts[mode]} of ${total}${modes.length > 0 ? '; click to see only these' : ''}`}
          >
            <span class="bar-name">{name}</span>
            <span class="bar-track">
              <span
                class="bar-fill"
                style={{ '--share': `${counts[mode] / most}`, background: color(mode) }}
              />
            </span>
            <span class="bar-count">{counts[mode]}</span>
          </button>
        ))}
        {failed > 0 && (
          <div class="bar failed" style={{ '--part': `${failed}` }} title={`${failed} of ${total} failed`}>
            <span class="bar-name">failed</span>
            <span class="bar-track">
              <span class="bar-fill" style={{ '--share': `${failed / most}` }} />
            </span>
            <span class="bar-count">{failed}</span>
          </div>
        )}
      </div>
      {(compact || modes.length > FEW) && (
        <p class="counts">
          {modes.length > FEW ? (
            <span>
              <b>{counts.filter((count) => count > 0).length}</b> of {modes.length} modes
            </span>
          ) : (
            names.map((name, mode) => (
              <button type="button" key={name} onClick={choose(mode)} title={`Only ${name}`}>
                <i class="dot" style={{ background: color(mode) }} />
                {name} <b>{counts[mode]}</b>
              </button>
            ))
          )}
          {failed > 0 && (
            <span>
              <i class="dot hollow" />
              failed <b>{failed}</b>
            </span>
          )}
        </p>
      )}
    </div>
  )
}
