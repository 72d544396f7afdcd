import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let root: string | undefined

/** A new empty folder, which goes when the test file has ended. */
export function scratch(): string {
  root ??= createRoot()
  return mkdtempSync(join(root, 'folder-'))
}

function createRoot(): string {
  const folder = mkdtempSync(join(tmpdir(), 'immiscible-test-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
