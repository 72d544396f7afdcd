import { isDeepStrictEqual } from 'node:util'
import { InputError } from '../errors.ts'
import type { Rng } from '../random/rng.ts'
import type { Dynamics, Environment, Episode, Space } from './environment.ts'
import { firstOutside, width } from './space.ts'

/**
 * Verifies the first demonstrations of an environment's expert: their columns, that they succeed, that
 * demonstration i shows mode i mod K, and that one stream always gives the same demonstration.
 *
 * @param count number of demonstrations
 * @param rng demonstration i gets `rng.fork('demonstration', i)`
 * @throws InputError naming the demonstration and what is wrong with it
 */
export function checkExpert(environment: Environment, count: number, rng: Rng): void {
  const { dynamics } = environment
  for (let index = 0; index < count; index++) {
    const stream = rng.fork('demonstration', index)
    const episode = environment.demonstrate?.(index, stream)
    if (!episode) return
    const fail = (what: string): never => {
      throw new InputError(`${environment.name}: demonstration ${index} ${what}.`)
    }
    checkDemonstration(dynamics, episode, fail)
    const modes = dynamics.modes?.names.length ?? 0
    if (modes > 0 && episode.mode !== index % modes) {
      fail(
        `shows mode ${episode.mode} instead of ${index % modes}, which is its number modulo ${modes} modes`,
      )
    }
    if (
      index === 0 &&
      !isDeepStrictEqual(environment.demonstrate?.(index, rng.fork('demonstration', 0)), episode)
    ) {
      fail('differs when it is made again from the same stream; draw all randomness from the stream')
    }
  }
}

function checkDemonstration(
  dynamics: Dynamics<unknown>,
  episode: Episode,
  fail: (what: string) => never,
): void {
  const { columns, length } = episode
  if (!Number.isInteger(length) || length < 1 || length > dynamics.maxSteps) {
    fail(`has ${length} steps; make it 1 to ${dynamics.maxSteps}`)
  }
  for (const [name, { values, rows, columns: columnWidth }] of Object.entries(columns)) {
    if (rows !== length || values.length !== rows * columnWidth) {
      fail(
        `has ${rows} rows and ${values.length} values in column "${name}"; give ${length} rows of ${columnWidth}`,
      )
    }
    const broken = values.findIndex((value) => !Number.isFinite(value))
    if (broken >= 0) {
      fail(
        `has ${values[broken]} in column "${name}", row ${Math.floor(broken / columnWidth)}; keep it finite`,
      )
    }
  }
  checkColumn('observation', dynamics.observation, episode, fail)
  checkColumn('action', dynamics.action, episode, fail)
  if (!episode.success) fail('fails; an expert shows successes only, so let it try again')
}

function checkColumn(name: string, space: Space, episode: Episode, fail: (what: string) => never): void {
  const column = episode.columns[name] ?? fail(`has no column "${name}"; record it`)
  if (column.columns !== width(space)) {
    fail(`has ${column.columns} numbers a row in column "${name}"; give ${width(space)}`)
  }
  for (let row = 0; row < column.rows; row++) {
    const point = column.values.subarray(row * column.columns, (row + 1) * column.columns)
    const outside = firstOutside(space, point)
    if (outside >= 0) {
      fail(
        `has ${point[outside]} for "${space.names[outside]}" in column "${name}", row ${row}, outside [${space.low[outside]}, ${space.high[outside]}]; keep it inside`,
      )
    }
  }
}
