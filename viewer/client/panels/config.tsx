import { type RunModel, revision, runs } from '../model.ts'

/** What the runs are, how fast they plan, and their settings; where two are compared, what differs comes first. */
export function Config() {
  revision.value
  const all = runs()
  const facts: [string, string[]][] = [['trained', all.map(trainedOf)]]
  if (all.some(({ info }) => info?.kind === 'images')) {
    facts.push(['grids', all.map(({ images }) => `${images.size}`)])
  } else {
    facts.push(
      ['episodes', all.map(({ episodes }) => `${episodes.size}`)],
      ['success', all.map(successOf)],
      ['planning, median', all.map((run) => latencyOf(run, 0.5))],
      ['planning, 95 %', all.map((run) => latencyOf(run, 0.95))],
    )
  }
  const settings = flattened(all)
  const differing = settings.filter(([, values]) => new Set(values).size > 1)
  const same = settings.filter(([, values]) => new Set(values).size === 1)
  return (
    <div class="scroll">
      <Facts head={all.map(({ info }) => info?.label ?? '')} lines={facts} title="Run" />
      {differing.length > 0 && <Facts lines={differing} title="Different settings" />}
      {same.length > 0 && (
        <Facts lines={same} title={differing.length > 0 ? 'Same settings' : 'Settings'} single />
      )}
    </div>
  )
}

function Facts(props: {
  readonly title: string
  readonly head?: readonly string[]
  readonly lines: readonly (readonly [string, readonly string[]])[]
  readonly single?: boolean
}) {
  const { title, head = [], lines, single } = props
  return (
    <table class="facts-table">
      <caption>{title}</caption>
      {head.length > 1 && (
        <thead>
          <tr>
            <th />
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
      )}
      <tbody>
        {lines.map(([name, values]) => (
          <tr key={name}>
            <th scope="row">
              {name.split('.').map((part, i) => (
                <>
                  {i > 0 && '.'}
                  <wbr />
                  {part}
                </>
              ))}
            </th>
            {(single ? values.slice(0, 1) : values).map((value, i) => (
              <td key={i}>{value}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Steps behind the weights that plan; a run of images tells how far it is. */
function trainedOf({ info, progress }: RunModel): string {
  const step = info?.kind === 'images' ? (progress?.done ?? 0) : (info?.step ?? 0)
  return step > 0 ? `${step.toLocaleString('en')} steps` : '–'
}

function successOf({ episodes }: RunModel): string {
  if (episodes.size === 0) return '–'
  const good = [...episodes.values()].filter(({ success }) => success).length
  return `${Math.round((100 * good) / episodes.size)} %`
}

function latencyOf({ episodes }: RunModel, quantile: number): string {
  const all = [...episodes.values()].flatMap(({ latency }) => [...latency]).sort((a, b) => a - b)
  if (all.length === 0) return '–'
  const value = all[Math.min(all.length - 1, Math.floor(quantile * all.length))]
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`
}

/** Every setting by its path, with its value in each run. */
function flattened(all: readonly RunModel[]): [string, string[]][] {
  const lines = new Map<string, string[]>()
  all.forEach(({ info }, i) => {
    const visit = (value: unknown, path: string) => {
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
        for (const [key, inner] of Object.entries(value)) visit(inner, path ? `${path}.${key}` : key)
        return
      }
      const values = lines.get(path) ?? Array<string>(all.length).fill('–')
      lines.set(path, values)
      values[i] = (Array.isArray(value) ? value.join(', ') : String(value ?? '')) || 'none'
    }
    visit(parsed(info?.config), '')
  })
  return [...lines]
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}')
  } catch {
    return {}
  }
}
