import { signal } from '@preact/signals'
import { Fragment } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { send } from '../connection.ts'
import { allEpisodes, episode, onlyMode, select } from '../cursor.ts'
import { model, type RunModel, revision, runs } from '../model.ts'
import { outcomeColor, runColor, theme } from '../theme.ts'

type Column = 'episode' | 'outcome' | 'reward' | 'length'
type Outcome = 'all' | 'success' | 'failure'

const sortBy = signal<Column>('episode')
/** The run whose outcomes or rewards are sorted by. */
const sortRun = signal(0)
const descending = signal(false)
const outcome = signal<Outcome>('all')

/** Runs beside each other, at most, for whose rewards there is room. */
const REWARDS = 2

/** Every episode: filter, sort, choose. */
export function Episodes() {
  revision.value
  const all = runs()
  const numbers = sorted(
    all,
    allEpisodes().filter((number) => matches(all, number)),
  )
  const modes = all[0]?.info?.modes ?? []
  return (
    <div class="episodes">
      <div class="filters">
        <fieldset class="segments" aria-label="Outcome">
          {(['all', 'success', 'failure'] as const).map((name) => (
            <button
              type="button"
              key={name}
              aria-pressed={outcome.value === name}
              onClick={() => (outcome.value = name)}
            >
              {name}
            </button>
          ))}
        </fieldset>
        {modes.length > 0 && (
          <select
            aria-label="Mode"
            value={`${onlyMode.value ?? ''}`}
            onChange={({ currentTarget: { value } }) =>
              (onlyMode.value = value === '' ? undefined : Number(value))
            }
          >
            <option value="">every mode</option>
            {modes.map((name, mode) => (
              <option value={`${mode}`} key={name}>
                {name}
              </option>
            ))}
          </select>
        )}
        {model.interactive && all.some(({ info }) => info?.kind === 'planner') && (
          <button
            type="button"
            class="more"
            onClick={() => send({ type: 'roll', count: 8 })}
            title="Roll out eight more episodes"
          >
            + 8
          </button>
        )}
      </div>
      <div class="table-box">
        <table class={all.length > 1 ? 'several' : ''}>
          <thead>
            <tr>
              <Head of="episode">
                {all.some(({ info }) => info?.kind === 'demonstrations') ? 'number' : 'seed'}
              </Head>
              {all.map(({ run, info }) => (
                <Fragment key={run}>
                  <Head of="outcome" run={run} title={info?.label}>
                    {all.length > 1 ? info?.label : modes.length > 0 ? 'mode' : 'outcome'}
                  </Head>
                  {all.length <= REWARDS && (
                    <Head of="reward" run={run} title="Best reward of the episode">
                      reward
                    </Head>
                  )}
                </Fragment>
              ))}
              {all.length === 1 && (
                <Head of="length" title="Steps of the episode">
                  steps
                </Head>
              )}
            </tr>
          </thead>
          <tbody>
            {numbers.map((number) => (
              <Row key={number} number={number} all={all} />
            ))}
          </tbody>
        </table>
        {numbers.length === 0 && (
          <p class="empty">
            {allEpisodes().length > 0
              ? 'No episode is like this.'
              : 'Episodes appear here as they are rolled out.'}
          </p>
        )}
      </div>
    </div>
  )
}

function Head(props: {
  readonly of: Column
  readonly run?: number
  readonly title?: string
  readonly children: preact.ComponentChildren
}) {
  const { of, run = 0, title, children } = props
  const active = sortBy.value === of && (of === 'episode' || of === 'length' || sortRun.value === run)
  const several = runs().length > 1
  return (
    <th
      scope="col"
      class={of === 'reward' || of === 'length' ? 'number' : of === 'outcome' ? 'mode' : ''}
      aria-sort={active ? (descending.value ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        title={title}
        onClick={() => {
          if (active) descending.value = !descending.value
          else sortBy.value = of
          sortRun.value = run
        }}
      >
        {several && of === 'outcome' && (
          <i class="tick" style={{ background: runColor(run, true, theme.value) }} />
        )}
        {children}
        <span class="arrow">{active ? (descending.value ? '↓' : '↑') : ''}</span>
      </button>
    </th>
  )
}

function Row({ number, all }: { readonly number: number; readonly all: readonly RunModel[] }) {
  const chosen = episode.value === number
  const line = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    if (chosen) reveal(line.current!)
  }, [chosen])
  return (
    <tr
      ref={line}
      class={chosen ? 'chosen' : ''}
      aria-selected={chosen}
      onClick={() => select(number)}
      data-episode={number}
    >
      <td>
        <button type="button" class="link" onClick={() => select(number)}>
          {number}
        </button>
      </td>
      {all.map(({ run, info, episodes }) => {
        const found = episodes.get(number)
        const modes = info?.modes ?? []
        const name = !found ? '–' : found.success ? (modes[found.mode] ?? 'success') : 'failed'
        const color = found?.success ? outcomeColor(found.mode, modes.length, theme.value) : undefined
        return (
          <Fragment key={run}>
            <td class={`mode ${found?.success ? '' : 'failed'}`} title={name}>
              {found && <i class={`dot ${found.success ? '' : 'hollow'}`} style={{ background: color }} />}
              {name}
            </td>
            {all.length <= REWARDS && <td class="number">{found?.reward.toFixed(2)}</td>}
          </Fragment>
        )
      })}
      {all.length === 1 && <td class="number">{(all[0].episodes.get(number)?.path.length ?? 2) / 2 - 1}</td>}
    </tr>
  )
}

/** Scrolls the list, and never the page, to where a line is seen below its head. */
function reveal(line: HTMLTableRowElement): void {
  const box = line.closest('.table-box')!
  const [outer, inner] = [box.getBoundingClientRect(), line.getBoundingClientRect()]
  const head = box.querySelector('thead')!.clientHeight
  if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom
  else if (inner.top < outer.top + head) box.scrollTop -= outer.top + head - inner.top
}

function matches(all: readonly RunModel[], number: number): boolean {
  return all.some(({ episodes }) => {
    const found = episodes.get(number)
    if (!found) return false
    if (outcome.value !== 'all' && found.success !== (outcome.value === 'success')) return false
    return onlyMode.value === undefined || found.mode === onlyMode.value
  })
}

function sorted(all: readonly RunModel[], numbers: number[]): number[] {
  const value = (number: number): number => {
    if (sortBy.value === 'episode') return number
    const found = all.find(({ run }) => run === sortRun.value)?.episodes.get(number)
    // What a run has not rolled out stands behind all that it has.
    if (!found) return 1e9
    if (sortBy.value === 'reward') return found.reward
    if (sortBy.value === 'length') return found.path.length
    return found.success ? found.mode : 1e6
  }
  const sign = descending.value ? -1 : 1
  return numbers.sort((a, b) => sign * (value(a) - value(b)) || a - b)
}
