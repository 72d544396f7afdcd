// Lets Node 20 run the TypeScript sources directly, in worker threads too: node --import=./typescript.js FILE.ts
import { register } from 'node:module'

register('./typescript-loader.js', import.meta.url)
