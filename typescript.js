// Lets Node 20 run the TypeScript sources directly, in worker threads too: node --import=./typescript.js FILE.ts
import { register } from 'node:module'

// Ava turns source maps on. Ours need none, and reading those of the packages takes each process half a second.
process.setSourceMapsEnabled(false)
register('./typescript-loader.js', import.meta.url)
