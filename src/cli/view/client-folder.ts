import { join } from 'node:path'
import { packageFolder } from '../../package-folder.ts'

/** Where the built client is. */
export function clientFolder(): string {
  return join(packageFolder(), 'dist', 'viewer', 'client')
}
