import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { send } from '../connection.ts'
import { allEpisodes, episode, onlyMode, select } from '../cursor.ts'
import { model, type RunModel, revision, runs } from '../model.ts'
import { modeColor, theme } from '../theme.ts'

type Column = 'episode' | 'outcome' | 'mode' | 'reward' | 'length'
type Outcome = 'all' | 'success' | 'failure'

const sortBy = signal<Column>('episode')
const descending = signal(false)
const outcome = signal<Outcome>('all')

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
        <table>
          <thead>
            <tr>
              <Head of="episode">
                {all.some(({ info }) => info?.kind === 'demonstrations') ? 'number' : 'seed'}
              </Head>
              {all.map(({ run, info }) => (
                <Head of="outcome" key={run}>
                  {all.length > 1 ? info?.label : modes.length > 0 ? 'mode' : 'outcome'}
                </Head>
              ))}
              <Head of="reward">reward</Head>
              <Head of="length">steps</Head>
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

function Head({ of, children }: { readonly of: Column; readonly children: preact.ComponentChildren }) {
  const active = sortBy.value === of
  return (
    <th scope="col" aria-sort={active ? (descending.value ? 'descending' : 'ascending') : 'none'}>
      <button
        type="button"
        onClick={() => {
          if (active) descending.value = !descending.value
          else sortBy.value = of
        }}
      >
        {children}
        <span class="arrow">{active ? (descending.value ? '↓' : '↑') : ''}</span>
      </button>
    </th>
  )
}

function Row({ number, all }: { readonly number: number; readonly all: readonly RunModel[] }) {
  const first = all.map(({ episodes }) => episodes.get(number)).find((found) => found)
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
        if (!found)
          return (
            <td key={run} class="quiet">
              –
            </td>
          )
        const modes = info?.modes ?? []
        const name = found.success ? (modes[found.mode] ?? 'success') : 'failed'
        return (
          <td key={run} class={`mode ${found.success ? '' : 'failed'}`} title={name}>
            <i
              class={`dot ${found.success ? '' : 'hollow'}`}
              style={{
                background: found.success ? modeColor(found.mode, modes.length, theme.value) : undefined,
              }}
            />
            {name}
          </td>
        )
      })}
      <td class="number">{first ? first.reward.toFixed(2) : ''}</td>
      <td class="number">{first ? first.path.length / 2 - 1 : ''}</td>
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
    const found = all.map(({ episodes }) => episodes.get(number)).find((one) => one)
    if (!found || sortBy.value === 'episode') return number
    if (sortBy.value === 'reward') return found.reward
    if (sortBy.value === 'length') return found.path.length
    return found.success ? found.mode : 1e6
  }
  const sign = descending.value ? -1 : 1
  return numbers.sort((a, b) => sign * (value(a) - value(b)) || a - b)
}
