// What client.ts uses of Node.js; its own types would be another package.
declare module 'node:fs' {
  export function readFileSync(path: string): Uint8Array<ArrayBuffer>
}
declare const process: { argv: string[] }
