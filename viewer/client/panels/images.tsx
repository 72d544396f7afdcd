import { useEffect, useState } from 'preact/hooks'
import { follow, imageStep } from '../cursor.ts'
import { type RunModel, revision, runs } from '../model.ts'

/** Grids of generated images of every run at a step of training. */
export function Images() {
  revision.value
  const all = runs().filter(({ images }) => images.size > 0)
  const steps = [...new Set(all.flatMap(({ images }) => [...images.keys()]))].sort((a, b) => a - b)
  const wanted = follow.value ? Number.POSITIVE_INFINITY : imageStep.value
  const at = steps.findLastIndex((step) => step <= wanted)
  const index = at < 0 ? 0 : at
  if (steps.length === 0) return <p class="empty">Sample grids appear here while the run is trained.</p>
  return (
    <div class="images">
      <div class="coupling-bar">
        <span>step {steps[index].toLocaleString('en')}</span>
        <input
          type="range"
          min={0}
          max={steps.length - 1}
          step={1}
          aria-label="Step of training"
          value={index}
          onInput={(event) => {
            follow.value = false
            imageStep.value = steps[Number(event.currentTarget.value)]
          }}
        />
        <span class="quiet">
          {index + 1} of {steps.length}
        </span>
      </div>
      <div class="grids">
        {all.map((run) => (
          <Grid key={run.run} run={run} step={steps[index]} named={all.length > 1} />
        ))}
      </div>
    </div>
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
      {named && <figcaption>{run.info?.label}</figcaption>}
      {address && <img src={address} alt={`Images generated after ${step} steps`} />}
    </figure>
  )
}
