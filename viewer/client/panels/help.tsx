import { useEffect, useRef } from 'preact/hooks'
import { onlyGrids } from '../grids.ts'
import { helpOpen, SHORTCUTS } from '../keyboard.ts'

/** What can be seen, and every shortcut. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null)
  const open = helpOpen.value
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  const close = () => {
    helpOpen.value = false
  }
  return (
    <dialog class="help" ref={dialog} aria-label="Help" onClose={close}>
      {!onlyGrids.value && <Legend />}
      <h2>Keys</h2>
      <dl>
        {SHORTCUTS.filter(({ grids }) => grids || !onlyGrids.value).map(({ shown, does }) => (
          <div key={shown}>
            <dt>
              {shown.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="more" onClick={close}>
        Close
      </button>
    </dialog>
  )
}

/** What the lines of the scene mean. */
function Legend() {
  return (
    <>
      <h2>What you see</h2>
      <ul class="legend">
        <li>
          <i class="line path" /> the way that was gone
        </li>
        <li>
          <i class="line plans" /> sampled plans, coloured by the way they take; grey where it is still open
        </li>
        <li>
          <i class="line split" /> of a plan, what is carried out is solid, what is planned anew is faint
        </li>
        <li>
          <i class="line demonstrations" /> demonstrations
        </li>
        <li>
          <i class="line others" /> the other episodes
        </li>
        <li>
          <i class="line goal" /> the goal
        </li>
      </ul>
    </>
  )
}
