import type { Environment, Mirror } from '../env/environment.ts'
import { InputError } from '../errors.ts'
import { type Rows, row, rows } from '../rows.ts'
import { column, type Dataset, fromEpisodes, toEpisodes } from './dataset.ts'

/**
 * Demonstrations with their mirror images: episode 2e is demonstration e, and 2e + 1 its reflection. Columns
 * beside observation and action are left out, since nobody knows how to reflect them.
 *
 * @throws InputError if the environment has no symmetry
 */
export function withMirrorImages(
  dataset: Dataset,
  environment: Pick<Environment, 'name' | 'mirror'>,
): Dataset {
  const { mirror, name } = environment
  if (!mirror) {
    throw new InputError(
      `The environment "${name}" has no mirror image; set demonstrations.mirror to "none".`,
    )
  }
  const observation = column(dataset, 'observation')
  const action = column(dataset, 'action')
  const originals = toEpisodes({ ...dataset, columns: { observation, action } })
  const episodes = originals.flatMap((episode) => {
    const columns = {
      observation: reflected(episode.columns.observation, mirror.observation),
      action: reflected(episode.columns.action, mirror.action),
    }
    const mode = episode.mode < 0 ? -1 : mirror.mode(episode.mode)
    return [episode, { ...episode, columns, mode }]
  })
  return fromEpisodes(episodes, { ...dataset.attributes, mirrored: true })
}

/**
 * Rows of each sample and of its mirror image, for windows of episodes as {@link withMirrorImages} orders them.
 *
 * @param episode of each row, ascending; the rows of episode 2e + 1 mirror those of 2e in order
 * @returns [N / 2 × 2]
 */
export function mirrorPairs(episode: Int32Array): Int32Array {
  const counts = new Map<number, number>()
  for (const e of episode) counts.set(e, (counts.get(e) ?? 0) + 1)
  const pairs: number[] = []
  for (let i = 0; i < episode.length; i++) {
    if (episode[i] % 2 === 0) pairs.push(i, i + counts.get(episode[i])!)
  }
  return Int32Array.from(pairs)
}

function reflected(part: Rows, reflect: Mirror['observation']): Rows {
  const out = rows(new Float32Array(part.values.length), part.rows, part.columns)
  for (let i = 0; i < part.rows; i++) row(out, i).set(reflect(row(part, i)))
  return out
}
