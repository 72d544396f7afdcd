import { useEffect, useState } from 'preact/hooks'
import { gridIndex, gridSteps, nudgeGrid, playingGrids, seekGrid, toggleGrids } from '../grids.ts'
import { type RunModel, revision, runs } from '../model.ts'
import { Icon } from './icon.tsx'

/** Grids of generated images of every run at a step of training. */
export function Images() {
  revision.value
  const all = runs().filter(({ images }) => images.size > 0)
  const steps = gridSteps.value
  const index = gridIndex.value
  if (steps.length === 0) {
    return <p class="empty images-empty">Sample grids appear here while the run is trained.</p>
  }
  return (
    <div class="images">
      <div class="grids">
        {all.map((run) => (
          <Grid key={run.run} run={run} step={steps[index]} named={all.length > 1} />
        ))}
      </div>
      <section class="grid-bar" aria-label="Grids over training">
        <Button icon="back" title="Grid before (←)" onClick={() => nudgeGrid(-1)} />
        <Button
          icon={playingGrids.value ? 'pause' : 'play'}
          title={playingGrids.value ? 'Pause (space)' : 'Play (space)'}
          onClick={toggleGrids}
        />
        <Button icon="forth" title="Next grid (→)" onClick={() => nudgeGrid(1)} />
        <input
          type="range"
          min={0}
          max={steps.length - 1}
          step={1}
          aria-label="Step of training"
          value={index}
          disabled={steps.length < 2}
          onInput={(event) => {
            playingGrids.value = false
            seekGrid(Number(event.currentTarget.value))
          }}
        />
        <output>
          step {steps[index].toLocaleString('en')}{' '}
          <span class="quiet">
            {index + 1} of {steps.length}
          </span>
        </output>
      </section>
    </div>
  )
}

function Button(props: { readonly icon: string; readonly title: string; readonly onClick: () => void }) {
  const { icon, title, onClick } = props
  const round = icon === 'play' || icon === 'pause' ? 'round play' : 'round'
  return (
    <button
      type="button"
      class={round}
      title={title}
      aria-label={title.replace(/ \(.*/, '')}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  )
}

function Grid({
  run,
  step,
  named,
}: {
  readonly run: RunModel
  readonly step: number
  readonly named: boolean
}) {
  revision.value
  const nearest = [...run.images.keys()].filter((known) => known <= step).sort((a, b) => b - a)[0]
  const png = run.images.get(nearest ?? [...run.images.keys()][0])?.png
  const [address, setAddress] = useState('')
  useEffect(() => {
    if (!png) return
    const made = URL.createObjectURL(new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }))
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [png])
  return (
    <figure>
      <figcaption>
        {named && <b>{run.info?.label}</b>}
        <span class="quiet">{run.info?.summary}</span>
      </figcaption>
      {address && <img src={address} alt={`Images generated after ${step} steps`} />}
    </figure>
  )
}
