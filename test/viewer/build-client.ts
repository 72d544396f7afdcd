import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { clientFolder } from '../../src/cli/view/client-folder.ts'
import { packageFolder } from '../../src/package-folder.ts'

/** Builds the viewer's client into a folder. */
export async function buildInto(folder: string): Promise<void> {
  // Loaded only where something is built.
  const { build } = await import('vite')
  await build({
    configFile: join(packageFolder(), 'viewer/client/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: folder },
  })
}

/** Builds the client where commands look for it, unless the installation did. */
export async function clientBuilt(): Promise<void> {
  if (!existsSync(join(clientFolder(), 'index.html'))) await buildInto(clientFolder())
}
